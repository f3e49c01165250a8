package io.fustor.source.mysql.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.support.Seeds;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Random;
import org.h2.api.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.BeanCreationException;

class StateOpeningTests {

    @TempDir private Path folder;

    private Path database() {
        return folder.resolve("fustor.mv.db");
    }

    /// A database of some hundred writes, with a backup of its first.
    private void fill() throws Exception {
        try (var state = EmbeddedState.open(folder)) {
            state.store("first");
            state.backUp();
            for (int i = 0; i < 300; i++) {
                state.store("later" + i);
            }
        }
    }

    @Test
    void opensWhatItClosed() throws Exception {
        fill();

        try (var state = EmbeddedState.open(folder)) {
            assertThat(state.stored()).isEqualTo("later299");
        }
    }

    @Test
    void refusesGarbage() throws Exception {
        fill();
        Files.write(database(), random(100_000));

        assertThatThrownBy(() -> EmbeddedState.open(folder))
                .isInstanceOf(BrokenStateException.class)
                .hasMessageContaining(database() + " cannot be read");
        assertThat(remedy()).contains("--fustor.state.restore=true", newestBackup().toString());
        assertThat(Files.size(database())).isEqualTo(100_000);
    }

    /// H2 itself opens nearly each of them, at an older state.
    @Test
    void neverTakesAFileThatWasCutShortForWhole() throws Exception {
        fill();
        byte[] whole = Files.readAllBytes(database());
        long seed = Seeds.of("state.seed", StateOpeningTests.class);
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 12; i++) {
            int length = i < 4 ? i * 2000 : random.nextInt(whole.length);
            Files.write(database(), Arrays.copyOf(whole, length));
            String what = length + " of " + whole.length + " bytes, seed " + seed;

            boolean isRefused = isRefused(what);

            // The two copies of the file's head take 8 KiB: nothing can be whole without them.
            assertThat(isRefused || length > 8192).as(what).isTrue();
        }
    }

    /// What was cut off may have been of no use any more; then nothing is missing.
    private boolean isRefused(String what) {
        try (var state = EmbeddedState.open(folder)) {
            assertThat(state.stored()).as(what).isEqualTo("later299");
            return false;
        } catch (BrokenStateException e) {
            assertThat(e).as(what).hasMessageContaining(database().toString());
            return true;
        }
    }

    @Test
    void refusesAnOlderCopy() throws Exception {
        fill();
        Path copy = Files.copy(database(), folder.resolve("copy"));
        try (var state = EmbeddedState.open(folder)) {
            state.store("newest");
        }
        Files.move(copy, database(), StandardCopyOption.REPLACE_EXISTING);

        assertThatThrownBy(() -> EmbeddedState.open(folder))
                .hasMessageContaining("has the older state")
                .hasMessageContaining("write 301")
                .hasMessageContaining("write 302");
        Files.delete(folder.resolve("fustor.written"));
        try (var state = EmbeddedState.open(folder)) {
            assertThat(state.stored()).isEqualTo("later299");
        }
    }

    @Test
    void refusesAFileWithAHoleOfZeros() throws Exception {
        fill();
        try (var channel = FileChannel.open(database(), StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.allocate((int) Files.size(database())), 0);
        }

        assertThatThrownBy(() -> EmbeddedState.open(folder))
                .isInstanceOf(BrokenStateException.class);
    }

    @Test
    void refusesToBeginAnewWhereTheFileIsGone() throws Exception {
        fill();
        try (var state = EmbeddedState.open(folder)) {
            assertThat(state.backups().all()).isNotEmpty();
        }
        Files.delete(database());

        assertThatThrownBy(() -> EmbeddedState.open(folder)).hasMessageContaining("is missing");
        assertThat(database()).doesNotExist();
    }

    @Test
    void goesOnWithTheNewestBackupWhereThatIsAsked() throws Exception {
        fill();
        try (var state = EmbeddedState.open(folder)) {
            state.store("after the backup");
        }
        Files.write(database(), random(50_000));

        try (var state = EmbeddedState.restore(folder)) {
            assertThat(state.stored()).isEqualTo("later299");
            state.store("goes on");
        }
        try (var state = EmbeddedState.open(folder)) {
            assertThat(state.stored()).isEqualTo("goes on");
        }
        assertThat(filesWith("fustor.mv.db.broken-")).hasSize(1);
        assertThat(folder.resolve("restored.mv.db")).doesNotExist();
    }

    @Test
    void restoresNothingWhereTheFileIsWhole() throws Exception {
        fill();

        try (var state = EmbeddedState.restore(folder)) {
            assertThat(state.stored()).isEqualTo("later299");
        }
        assertThat(filesWith("fustor.mv.db.broken-")).isEmpty();
    }

    /// Killed between putting the broken file aside and the restored one in its place.
    @Test
    void finishesARestoreThatWasKilled() throws Exception {
        fill();
        EmbeddedState.open(folder).close();
        Files.move(database(), folder.resolve("fustor.mv.db.broken-1"));
        Files.write(folder.resolve("restored.mv.db"), random(10_000));

        assertThatThrownBy(() -> EmbeddedState.open(folder)).hasMessageContaining("is missing");
        try (var state = EmbeddedState.restore(folder)) {
            assertThat(state.stored()).isEqualTo("later299");
        }
    }

    @Test
    void namesABackupThatCannotBeRead() throws Exception {
        fill();
        Path backup = newestBackup();
        byte[] whole = Files.readAllBytes(backup);
        Files.write(backup, Arrays.copyOf(whole, whole.length / 2));
        Files.write(database(), random(50_000));

        assertThatThrownBy(() -> EmbeddedState.restore(folder))
                .hasMessageContaining("The backup " + backup + " cannot be restored");
        assertThat(Files.size(database())).isEqualTo(50_000);
    }

    @Test
    void leavesTheFileOfAnotherInstanceAlone() throws Exception {
        fill();
        try (var channel = FileChannel.open(database(), StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            assertThatThrownBy(() -> EmbeddedState.restore(folder))
                    .isInstanceOf(BeanCreationException.class)
                    .hasMessageContaining("in use");
        }

        try (var again = EmbeddedState.open(folder)) {
            assertThat(again.stored()).isEqualTo("later299");
        }
    }

    @Test
    void backsUpWhatChangedAndKeepsTheNewest() throws Exception {
        try (var state = EmbeddedState.open(folder)) {
            for (int i = 0; i < 5; i++) {
                state.store("token" + i);
                state.backUp();
                state.backUp();
            }
            assertThat(state.backups().all()).hasSize(3);
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(folder.resolve("backup"))))
                    .isEqualTo("rwx------");
        }
        assertThat(filesWith("backup/unfinished")).isEmpty();
    }

    @Test
    void startsWithoutRoomForABackup() throws Exception {
        try (var state = EmbeddedState.open(folder)) {
            state.store("token");
        }
        Files.createFile(folder.resolve("backup"));

        try (var state = EmbeddedState.open(folder)) {
            assertThat(state.stored()).isEqualTo("token");
        }
    }

    @Test
    void refusesANewerSchema() throws Exception {
        try (var state = EmbeddedState.open(folder)) {
            state.sql()
                    .sql(
                            """
                            insert into "flyway_schema_history"
                            select 99, '99', 'from the future', "type", "script", "checksum",
                                   "installed_by", "installed_on", "execution_time", "success"
                            from "flyway_schema_history" where "version" = '2'
                            """)
                    .update();
        }

        assertThatThrownBy(() -> EmbeddedState.open(folder))
                .isInstanceOf(BrokenStateException.class)
                .hasMessageContaining("newer version of the service")
                .hasMessageContaining("version 99")
                .hasMessageMatching("(?s).*schemas up to \\d+\\..*");
    }

    @Test
    void knowsTheNumbersOfH2() {
        assertThat(H2Errors.isInUse(error(ErrorCode.DATABASE_ALREADY_OPEN_1))).isTrue();
        assertThat(H2Errors.isOfScript(error(ErrorCode.IO_EXCEPTION_2))).isTrue();
        for (int code :
                new int[] {
                    ErrorCode.GENERAL_ERROR_1,
                    ErrorCode.IO_EXCEPTION_1,
                    ErrorCode.FILE_CORRUPTED_1,
                    ErrorCode.FILE_VERSION_ERROR_1,
                    ErrorCode.DATABASE_IS_CLOSED,
                    ErrorCode.DATABASE_CALLED_AT_SHUTDOWN
                }) {
            assertThat(H2Errors.isOfFile(error(code))).as(String.valueOf(code)).isTrue();
        }
        assertThat(H2Errors.isOfFile(error(ErrorCode.DUPLICATE_KEY_1))).isFalse();
    }

    private static java.sql.SQLException error(int code) {
        return new java.sql.SQLException("", "", code);
    }

    private String remedy() {
        try (var _ = EmbeddedState.open(folder)) {
            throw new AssertionError("opened");
        } catch (BrokenStateException e) {
            return e.remedy();
        }
    }

    private Path newestBackup() throws IOException {
        return new Backups(folder.resolve("backup"), 3, InstantSource.system())
                .newest()
                .orElseThrow();
    }

    private java.util.List<Path> filesWith(String prefix) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> folder.relativize(file).toString().startsWith(prefix))
                    .toList();
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void filesAreForTheServicesOwnUserOnly() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (var state = EmbeddedState.open(folder)) {
            state.store("one");
            state.backUp();
        }
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile))
                    .hasSizeGreaterThanOrEqualTo(3)
                    .allSatisfy(OwnerOnlyTests::isPrivate);
        }
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("backup"))))
                .isEqualTo("rwx------");

        Files.setPosixFilePermissions(
                folder.resolve("fustor.mv.db"), PosixFilePermissions.fromString("rw-r--r--"));
        EmbeddedState.open(folder).close();

        OwnerOnlyTests.isPrivate(folder.resolve("fustor.mv.db"));
    }
}
