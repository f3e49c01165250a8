package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// The folder in the user's cache that keeps what tests need and a build does not bring ready. One
/// thread of one JVM at a time makes a thing; the others that want it wait, and the rest go on.
final class TestCache {

    /// For the threads of this JVM, by the names of things: a lock of a file is the whole JVM's.
    private static final Map<String, Lock> LOCKS = new ConcurrentHashMap<>();

    private TestCache() {}

    /// Looks for a thing in the folder, or makes it, while no other thread or process does.
    ///
    /// @param name of the thing; what is made within may have a name of its own
    static <T> T use(String name, Function<Path, T> use) {
        var ofThreads = LOCKS.computeIfAbsent(name, _ -> new ReentrantLock());
        ofThreads.lock();
        try {
            var locks = Files.createDirectories(folder().resolve("locks"));
            try (var channel =
                            FileChannel.open(
                                    locks.resolve(name),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                return use.apply(folder());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ofThreads.unlock();
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
