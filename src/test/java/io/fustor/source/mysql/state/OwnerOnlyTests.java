package io.fustor.source.mysql.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerOnlyTests {

    @TempDir private Path folder;

    @Test
    void makesFoldersAndFilesThatOthersCannotRead() throws IOException {
        OwnerOnly.makeFolder(folder.resolve("a/b"));
        OwnerOnly.makeFile(folder.resolve("a/b/file"));

        assertThat(rights(folder.resolve("a"))).isEqualTo("rwx------");
        assertThat(rights(folder.resolve("a/b"))).isEqualTo("rwx------");
        isPrivate(folder.resolve("a/b/file"));
    }

    @Test
    void leavesFoldersThatWereThereAndTightensFiles() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        var file = Files.writeString(folder.resolve("file"), "kept");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));

        OwnerOnly.makeFolder(folder);
        OwnerOnly.makeFile(file);

        assertThat(rights(folder)).isEqualTo("rwxr-xr-x");
        isPrivate(file);
        assertThat(file).hasContent("kept");
    }

    static void isPrivate(Path file) {
        assertThat(rights(file)).as(file.toString()).isEqualTo("rw-------");
    }

    private static String rights(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
