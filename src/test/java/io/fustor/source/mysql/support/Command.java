package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// One run of a program from its start to its end.
///
/// @param exitValue 127 also where there is no such program
/// @param output what it wrote, standard output and error together
record Command(int exitValue, String output) {

    static Command run(List<String> words) {
        return run(words, Map.of(), Path.of("/dev/null"));
    }

    static Command run(List<String> words, Map<String, String> environment, Path input) {
        try {
            var output = Files.createTempFile("fustor-command-", ".log");
            try {
                var builder =
                        new ProcessBuilder(words)
                                .redirectErrorStream(true)
                                .redirectInput(input.toFile())
                                .redirectOutput(Redirect.to(output.toFile()));
                builder.environment().putAll(environment);
                int exitValue = exitValue(builder);
                return new Command(exitValue, Files.readString(output));
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int exitValue(ProcessBuilder builder) {
        try {
            var process = builder.start();
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException(builder.command().getFirst() + " does not end");
            }
            return process.exitValue();
        } catch (IOException _) {
            return 127;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    boolean succeeded() {
        return exitValue == 0;
    }

    /// This run, if it succeeded.
    Command orFail(String what) {
        if (!succeeded()) {
            throw new IllegalStateException(
                    what + " (exit value " + exitValue + "): " + output.strip());
        }
        return this;
    }
}
