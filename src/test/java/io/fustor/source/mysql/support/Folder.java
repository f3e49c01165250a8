package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A folder with all that is in it.
public record Folder(Path path) {

    /// What the name of a folder begins with that is being filled.
    private static final String UNFINISHED = "unfinished-";

    /// A new, empty folder among those of the system that may go; the caller removes it.
    public static Folder temporary(String prefix) {
        try {
            return new Folder(Files.createTempDirectory(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Fills the folder, if it is not there yet, so that no process ever sees it half filled. The
    /// caller is alone with it.
    void fillOnce(Consumer<Path> filling) {
        if (Files.isDirectory(path)) {
            return;
        }
        try {
            var parent = Files.createDirectories(path.getParent());
            var begin = UNFINISHED + path.getFileName() + "@";
            removeAll(parent, begin);
            var unfinished = new Folder(Files.createTempDirectory(parent, begin));
            try {
                filling.accept(unfinished.path());
                Files.move(unfinished.path(), path);
            } finally {
                unfinished.delete();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a JVM left over that was killed in the middle.
    private static void removeAll(Path parent, String begin) throws IOException {
        try (var folders = Files.newDirectoryStream(parent, begin + "*")) {
            folders.forEach(folder -> new Folder(folder).delete());
        }
    }

    void copyTo(Path target) {
        try {
            Files.walkFileTree(path, new Copy(path, target));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Removes the folder; if it is gone already, that is well too.
    public void delete() {
        if (!Files.exists(path)) {
            return;
        }
        try {
            Files.walkFileTree(path, new Deletion());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Copy extends SimpleFileVisitor<Path> {

        private final Path from;
        private final Path to;

        Copy(Path from, Path to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder)));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.copy(file, to.resolve(from.relativize(file)));
            return FileVisitResult.CONTINUE;
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
                throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
