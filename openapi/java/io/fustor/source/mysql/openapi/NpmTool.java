package io.fustor.source.mysql.openapi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program that the build installed with npm.
final class NpmTool {

    private static final Path MODULES =
            Path.of(System.getProperty("openapi.npm"), "node_modules").toAbsolutePath();

    private NpmTool() {}

    /// A file of an installed package.
    static Path file(String name) {
        return MODULES.resolve(name);
    }

    /// Runs a program to its end.
    ///
    /// @param output what it writes goes here
    /// @return its exit code
    static int run(Path output, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(file(".bin/" + program).toString()));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(program + " does not end: " + Files.readString(output));
        }
        return process.exitValue();
    }
}
