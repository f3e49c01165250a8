package io.fustor.source.mysql.support;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// One command line of bash, run in a folder.
///
/// @param exitValue 0 where it succeeded
/// @param output what it wrote, standard output and error together
public record Shell(int exitValue, String output) {

    public static Shell run(Path folder, String commandLine) {
        var script = "cd \"$0\" && " + commandLine;
        var run =
                Command.run(
                        List.of("bash", "-c", script, folder.toString()),
                        Map.of("GIT_CONFIG_GLOBAL", "/dev/null", "GIT_CONFIG_SYSTEM", "/dev/null"),
                        Path.of("/dev/null"));
        return new Shell(run.exitValue(), run.output());
    }
}
