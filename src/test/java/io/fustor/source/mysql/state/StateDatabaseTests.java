package io.fustor.source.mysql.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;

class StateDatabaseTests {

    @TempDir private Path folder;
    @TempDir private Path aside;

    private EmbeddedState state;

    @BeforeEach
    void open() {
        FullDisk.register();
        FullDisk.FULL.set(false);
        state = EmbeddedState.open(folder, "full:async", false);
    }

    @AfterEach
    void close() {
        FullDisk.FULL.set(false);
        state.close();
    }

    @Test
    void countsEachWriteInItsFile() throws Exception {
        state.store("one");
        state.store("two");

        assertThat(WriteMark.read(folder.resolve("fustor.written"))).isEqualTo(2);
    }

    @Test
    void writesWholeOrNotAtAll() {
        state.store("before");

        assertThatThrownBy(
                        () ->
                                state.database.write(
                                        write -> {
                                            write.update("delete from checkpoint");
                                            throw new IllegalStateException("midway");
                                        }))
                .hasMessage("midway");
        assertThat(state.stored()).isEqualTo("before");
    }

    /// While a transaction is at work no other one is, so that a commit never puts half of it on
    /// disk.
    @Test
    void runsOneTransactionAtATime() throws Exception {
        state.store("before");
        var atWork = new CountDownLatch(1);
        var mayGoOn = new CountDownLatch(1);
        var first = Thread.ofPlatform().start(() -> writeBetween(atWork, mayGoOn));
        atWork.await();
        var second = Thread.ofPlatform().start(() -> state.store("second"));
        Awaitility.await().until(() -> second.getState() == Thread.State.WAITING);
        assertThat(state.stored()).isEqualTo("before");
        mayGoOn.countDown();
        first.join();
        second.join();

        assertThat(state.stored()).isEqualTo("second");
        assertThat(WriteMark.read(folder.resolve("fustor.written"))).isEqualTo(3);
    }

    private void writeBetween(CountDownLatch atWork, CountDownLatch mayGoOn) {
        state.database.write(
                write -> {
                    write.update("update checkpoint set token = 'first'");
                    atWork.countDown();
                    try {
                        mayGoOn.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    @Test
    void saysThatAKeyIsTaken() {
        state.store("one");

        assertThatThrownBy(
                        () ->
                                state.database.write(
                                        write ->
                                                write.update(
                                                        "insert into checkpoint (source_id, consumer, token, updated) values"
                                                                + " ('shop', 'c', 'two', 1)")))
                .isInstanceOf(DuplicateKeyException.class);
        assertThat(state.condition.failure()).isNull();
    }

    @Test
    void storesNothingWhileTheDiskIsFullAndGoesOnWhenThereIsRoom() {
        state.store("before");
        FullDisk.FULL.set(true);

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> state.store("lost"))
                    .isInstanceOf(SourceException.class)
                    .extracting("code")
                    .isEqualTo(FailureCode.STATE_UNAVAILABLE);
            assertThat(state.stored()).isEqualTo("before");
            assertThat(state.condition.failure().reason()).contains("No space left");
        }
        FullDisk.FULL.set(false);
        state.store("after");
        assertThat(state.stored()).isEqualTo("after");
        assertThat(state.condition.failure()).isNull();
    }

    /// Each thread has a consumer of its own and knows what it was told; the disk is full again and
    /// again in the middle of it.
    @Test
    void losesNothingThatItSaidIsStored() throws Exception {
        int threads = 4;
        var done = new AtomicBoolean();
        var refused = new AtomicLong();
        List<AtomicLong> acknowledged = new ArrayList<>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < threads; i++) {
                var mine = new AtomicLong();
                acknowledged.add(mine);
                executor.submit(writer("c" + i, mine, done, refused));
            }
            for (int round = 0; round < 10; round++) {
                long written = sum(acknowledged);
                Awaitility.await().until(() -> sum(acknowledged) > written + 20);
                long failures = refused.get();
                FullDisk.FULL.set(true);
                Awaitility.await().until(() -> refused.get() > failures + 4);
                FullDisk.FULL.set(false);
            }
            done.set(true);
        }
        state.close();
        assertThat(Files.size(folder.resolve("fustor.mv.db"))).isPositive();
        state = EmbeddedState.open(folder);

        for (int i = 0; i < threads; i++) {
            assertThat(number("c" + i)).isEqualTo(acknowledged.get(i).get());
        }
    }

    private static long sum(List<AtomicLong> numbers) {
        return numbers.stream().mapToLong(AtomicLong::get).sum();
    }

    private Callable<Void> writer(
            String consumer, AtomicLong acknowledged, AtomicBoolean done, AtomicLong refused) {
        return () -> {
            while (!done.get()) {
                long next = acknowledged.get() + 1;
                try {
                    state.database.write(write -> put(write, consumer, next));
                    acknowledged.set(next);
                } catch (SourceException e) {
                    refused.incrementAndGet();
                }
            }
            // What was refused last may be stored all the same; this is not.
            state.database.write(write -> put(write, consumer, acknowledged.get()));
            return null;
        };
    }

    private static void put(StateWrite write, String consumer, long number) {
        write.update("delete from checkpoint where consumer = ?", consumer);
        write.update(
                "insert into checkpoint (source_id, consumer, token, updated) values ('shop', ?, ?, 1)",
                consumer,
                String.valueOf(number));
    }

    private long number(String consumer) {
        return state.sql()
                .sql("select token from checkpoint where consumer = ?")
                .param(consumer)
                .query(Long.class)
                .single();
    }

    @Test
    void refusesToWriteOnTopOfAnOlderState() {
        state.store("one");
        state.mark.begin(100);

        assertThatThrownBy(() -> state.store("two"))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("is unavailable");
        assertThat(state.stored()).isEqualTo("one");
    }

    @Test
    void aValueThatDoesNotFitIsNoFailureOfTheState() {
        state.store("before");

        assertThatThrownBy(() -> state.store("x".repeat(20_000)))
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThat(state.condition.failure()).isNull();
        assertThat(state.stored()).isEqualTo("before");
    }

    @Test
    void holdsTheLongestToken() {
        state.store("x".repeat(16_000));

        assertThat(state.stored()).hasSize(16_000);
    }

    /// A file in which nothing would be found again.
    @ParameterizedTest
    @ValueSource(strings = {"deleted", "moved", "replaced", "emptied", "without its folder"})
    void acknowledgesNothingThatGoesIntoAFileThatIsNotOnItsPath(String how) throws Exception {
        state.store("before");
        var file = folder.resolve("fustor.mv.db");
        switch (how) {
            case "deleted" -> Files.delete(file);
            case "moved" -> Files.move(file, aside.resolve("moved"));
            case "replaced" -> {
                Files.copy(file, aside.resolve("other"));
                Files.move(aside.resolve("other"), file, StandardCopyOption.ATOMIC_MOVE);
            }
            case "emptied" -> Files.write(file, new byte[0]);
            default -> Files.move(folder, aside.resolve("folder"));
        }

        assertThatThrownBy(() -> state.store("after")).isInstanceOf(SourceException.class);
        assertThat(state.condition.failure().reason())
                .contains(file.toString(), "Put the file back");
    }

    @Test
    void writesAgainWhenTheFileIsBack() throws Exception {
        state.store("before");
        var file = folder.resolve("fustor.mv.db");
        Files.move(file, folder.resolve("aside"));
        assertThatThrownBy(() -> state.store("after")).isInstanceOf(SourceException.class);

        Files.move(folder.resolve("aside"), file);
        state.store("again");

        assertThat(state.condition.failure()).isNull();
        assertThat(state.stored()).isEqualTo("again");
    }

    @Test
    void notesTheWriteAnewWhereItsFileWasRemoved() throws Exception {
        state.store("one");
        Files.delete(folder.resolve("fustor.written"));

        state.store("two");

        assertThat(WriteMark.read(folder.resolve("fustor.written"))).isEqualTo(2);
    }

    @Test
    void backupsAreOrderedByNumbersWhateverTheClockSays() throws Exception {
        var years = new AtomicLong(60);
        var backups =
                new Backups(
                        folder.resolve("backup"),
                        2,
                        () -> Instant.EPOCH.plus(Duration.ofDays(365 * years.get())));
        Files.createDirectories(backups.folder());
        Files.writeString(backups.folder().resolve("fustor-20990101T000000.000Z.sql.gz"), "");
        Files.writeString(backups.folder().resolve("fustor-mine.sql.gz"), "");

        for (long year : List.of(60, 90, 55, 54)) {
            years.set(year);
            state.store("in " + year);
            try (var connection = state.pool.getConnection()) {
                backups.write(connection);
            }
        }

        assertThat(backups.all())
                .extracting(file -> file.getFileName().toString().substring(0, 23))
                .containsExactly("fustor-n000000000004-20", "fustor-n000000000003-20");
        assertThat(backups.folder().resolve("fustor-mine.sql.gz")).exists();
    }
}
