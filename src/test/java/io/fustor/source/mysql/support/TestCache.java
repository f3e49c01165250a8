package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;

/// The folder in the user's cache that keeps what tests need and a build does not bring ready. One
/// JVM at a time fills it; the others wait.
final class TestCache {

    private TestCache() {}

    /// Looks for something in the folder, or makes it, while nobody else does.
    static synchronized <T> T use(Function<Path, T> use) {
        var cache = folder();
        try {
            Files.createDirectories(cache);
            try (var channel =
                            FileChannel.open(
                                    cache.resolve("lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                removeUnfinished(cache);
                return use.apply(cache);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a JVM that was killed in the middle left behind; whoever comes here is alone.
    private static void removeUnfinished(Path cache) throws IOException {
        try (var folders = Files.newDirectoryStream(cache, Folder.UNFINISHED + "*")) {
            folders.forEach(folder -> new Folder(folder).delete());
        }
    }

    private static Path folder() {
        var xdg = System.getenv("XDG_CACHE_HOME");
        var caches =
                xdg == null || xdg.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(xdg);
        return caches.resolve("fustor-source-mysql");
    }
}
