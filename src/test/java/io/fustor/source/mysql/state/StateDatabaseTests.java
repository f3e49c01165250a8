package io.fustor.source.mysql.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DuplicateKeyException;

class StateDatabaseTests {

    @TempDir private Path folder;

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
                                        () -> {
                                            state.sql().sql("delete from checkpoint").update();
                                            throw new IllegalStateException("midway");
                                        }))
                .hasMessage("midway");
        assertThat(state.stored()).isEqualTo("before");
    }

    @Test
    void saysThatAKeyIsTaken() {
        state.store("one");

        assertThatThrownBy(
                        () ->
                                state.database.write(
                                        () ->
                                                state.sql()
                                                        .sql(
                                                                "insert into checkpoint values"
                                                                        + " ('shop', 'c', 'two', 1)")
                                                        .update()))
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
                    state.database.write(() -> put(consumer, next));
                    acknowledged.set(next);
                } catch (SourceException e) {
                    refused.incrementAndGet();
                }
            }
            // What was refused last may be stored all the same; this is not.
            state.database.write(() -> put(consumer, acknowledged.get()));
            return null;
        };
    }

    private void put(String consumer, long number) {
        state.sql().sql("delete from checkpoint where consumer = ?").param(consumer).update();
        state.sql()
                .sql("insert into checkpoint values ('shop', ?, ?, 1)")
                .params(consumer, String.valueOf(number))
                .update();
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
                .hasMessageContaining("cannot be used");
        assertThat(state.stored()).isEqualTo("one");
    }
}
