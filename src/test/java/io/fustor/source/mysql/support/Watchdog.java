package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/// A small shell beside this JVM that ends one process and removes one folder when the JVM is gone,
/// however it went: its standard input closes, even where a shutdown hook no longer runs.
final class Watchdog {

    private static final String SCRIPT =
            """
            trap '' HUP INT QUIT TERM
            pid=
            while read -r word; do
                case $word in
                done) exit ;;
                none) pid= ;;
                *) pid=$word ;;
                esac
            done
            [ -z "$pid" ] || kill -9 "$pid"
            rm -rf -- "$1"
            """;

    private final Process shell;

    private Watchdog(Process shell) {
        this.shell = shell;
    }

    /// Watches over a folder, and over no process yet.
    static Watchdog over(Path folder) {
        try {
            return new Watchdog(
                    new ProcessBuilder("sh", "-c", SCRIPT, "watchdog", folder.toString())
                            .redirectOutput(Redirect.DISCARD)
                            .redirectError(Redirect.DISCARD)
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Watches over this process from now on, and over no other.
    void watch(long pid) {
        say(Long.toString(pid));
    }

    /// Watches over the folder only.
    void forgetProcess() {
        say("none");
    }

    /// Ends the watch; process and folder are left as they are.
    ///
    /// @return completes when the shell has ended
    CompletableFuture<Process> end() {
        say("done");
        return shell.onExit();
    }

    /// Does to the shell what the end of this JVM does.
    void abandon() {
        try {
            shell.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void say(String word) {
        try {
            var input = shell.getOutputStream();
            input.write((word + "\n").getBytes(StandardCharsets.US_ASCII));
            input.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
