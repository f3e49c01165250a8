package io.fustor.source.mysql.state;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// Checks that the embedded database's open file is still the one at its path. An open file that
/// was deleted, moved or replaced still accepts writes, but they are lost with the process. Any
/// thread may use it.
@Component
class FileIdentity {

    /// The first bytes of an H2 file.
    private static final byte[] HEAD = "H:2,".getBytes(StandardCharsets.US_ASCII);

    private final @Nullable StateFile file;
    private volatile @Nullable Object opened;

    FileIdentity(Environment environment) {
        this.file = StateFile.of(environment);
    }

    /// Records the file that the database has just opened.
    void begin() throws IOException {
        if (file != null) {
            opened = attributes(file.database()).fileKey();
        }
    }

    /// Checks the path again; takes some microseconds.
    ///
    /// @throws IOException with a sentence that names the file, if another file or none is there
    void require() throws IOException {
        Object known = opened;
        if (file == null || known == null) {
            return;
        }
        Path path = file.database();
        BasicFileAttributes now;
        try {
            now = attributes(path);
        } catch (NoSuchFileException _) {
            throw lost(path, "is gone: it was deleted or moved, or its folder was");
        }
        if (!known.equals(now.fileKey())) {
            throw lost(path, "is not the file that was opened");
        }
        if (!isWhole(path)) {
            throw lost(path, "was truncated or overwritten");
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class);
    }

    private static boolean isWhole(Path path) throws IOException {
        byte[] head = new byte[HEAD.length];
        try (RandomAccessFile open = new RandomAccessFile(path.toFile(), "r")) {
            return open.read(head) == head.length && Arrays.equals(head, HEAD);
        }
    }

    private static IOException lost(Path path, String what) {
        return new IOException(
                "The database file "
                        + path
                        + " "
                        + what
                        + " while the service writes to it. Put the file back, or restart the"
                        + " service.");
    }
}
