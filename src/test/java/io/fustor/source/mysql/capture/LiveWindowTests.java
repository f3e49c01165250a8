package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowCounts;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.position.Evidence;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LiveWindowTests {

    private static final int CREATED = 1_700_000_000;
    private static final Place START = at(100);

    private static Place at(long offset) {
        return new Place(1, 1, offset, CREATED, 0, null, null);
    }

    /// The commit of a transaction of one byte.
    private static CommitEvent commit(long offset) {
        return new CommitEvent(
                new Transaction(at(offset), "binlog.000001", null, 0),
                RowCounts.NONE,
                at(offset + 1),
                0);
    }

    private static LiveWindow windowOf(int events, long capacity) {
        LiveWindow window = new LiveWindow(START, capacity, new WindowShare(Long.MAX_VALUE));
        for (int i = 0; i < events; i++) {
            window.append(commit(100 + i));
        }
        return window;
    }

    @Test
    void findsTheFirstEventAfterAPlace() {
        LiveWindow window = windowOf(10, 1 << 20);

        assertThat(window.sequenceAfter(at(100))).isZero();
        assertThat(window.sequenceAfter(at(105))).isEqualTo(5);
        assertThat(window.sequenceAfter(at(110))).isEqualTo(10);
        assertThat(window.sequenceAfter(at(500))).isEqualTo(10);
    }

    @Test
    void doesNotKnowPlacesBeforeItOrOfAnotherServer() {
        LiveWindow window = windowOf(3, 1 << 20);

        assertThat(window.sequenceAfter(at(99))).isEqualTo(-1);
        assertThat(window.sequenceAfter(new Place(2, 1, 101, 0, 0, null, null))).isEqualTo(-1);
    }

    @Test
    void letsGoOfTheOldestEventsWhenItIsFull() {
        LiveWindow window = windowOf(100, 2_000);

        assertThat(window.weight()).isLessThanOrEqualTo(2_000);
        assertThat(window.get(0)).isNull();
        assertThat(window.get(99)).isNotNull();
        assertThat(window.sequenceAfter(at(101))).isEqualTo(-1);
        assertThat(window.sequenceAfter(at(200 - window.size()))).isEqualTo(100 - window.size());
    }

    @Test
    void countsTheFramesThatAreKeptWithEventsAndGivesThemBack() {
        LiveWindow window = windowOf(1, 10_000);
        LiveEvent event = window.get(0);
        Object form = new Object();

        event.keepFrame(form, new byte[5_000], 1);
        event.keepFrame(form, new byte[5_000], 1);

        assertThat(window.weight()).isEqualTo(5_200);
        assertThat(event.frame(form)).hasSize(5_000);
        for (int i = 0; i < 30; i++) {
            window.append(commit(101 + i));
        }
        assertThat(window.get(0)).isNull();
        assertThat(window.weight()).isEqualTo(window.size() * 200);
        event.keepFrame(new Object(), new byte[100], 1);
        assertThat(window.weight()).isEqualTo(window.size() * 200);
    }

    @Test
    void framesOfEverMoreFormsDoNotPileUpWhileNothingIsAppended() {
        LiveWindow window = windowOf(50, 10_000);

        for (int form = 0; form < 10; form++) {
            for (int i = 0; i < 50; i++) {
                LiveEvent event = window.get(i);
                event.keepFrame("form " + form, new byte[100], 1);
            }
        }

        assertThat(window.weight()).isEqualTo(12_500);
        assertThat(window.size()).isEqualTo(50);
        window.append(commit(150));
        assertThat(window.weight()).isLessThanOrEqualTo(10_000);
    }

    @Test
    void windowsShareTheirMemoryAndLetGoOfWhatIsNotTheirs() {
        WindowShare share = new WindowShare(12_000);
        LiveWindow first = new LiveWindow(START, 10_000, share);
        for (int i = 0; i < 100; i++) {
            first.append(commit(100 + i));
        }
        assertThat(first.weight()).isEqualTo(10_000);

        LiveWindow second = new LiveWindow(START, 10_000, share);
        first.trim();
        assertThat(first.weight()).isEqualTo(6_000);
        assertThat(first.get(99)).isNotNull();

        second.close();
        second.close();
        for (int i = 100; i < 200; i++) {
            first.append(commit(100 + i));
        }
        assertThat(first.weight()).isEqualTo(10_000);
    }

    @Test
    void holdsNoMoreEventsThanItHasSlots() {
        LiveWindow window = windowOf(70_000, Long.MAX_VALUE);

        assertThat(window.size()).isEqualTo(65_536);
        assertThat(window.get(70_000 - 65_536 - 1)).isNull();
        for (int i = 70_000 - 65_536; i < 70_000; i++) {
            assertThat(window.get(i).event().after()).isEqualTo(at(101 + i));
        }
    }

    @Test
    void saysHowFarTheBinlogMovedOnWithoutAnEvent() {
        LiveWindow window = windowOf(2, 10_000);

        window.advance(at(900));

        assertThat(window.edge(2)).isEqualTo(at(900));
        assertThat(window.edge(1)).isNull();
        window.append(commit(900));
        assertThat(window.edge(3)).isNull();
    }

    @Test
    void findsPlacesOfANewServerFromWhereItTookOver() {
        LiveWindow window = windowOf(5, 10_000);
        Place there = new Place(2, 7, 4, CREATED, 0, null, null);

        window.continueAt(there, GtidSet.EMPTY);

        assertThat(window.sequenceAfter(at(103))).isEqualTo(-1);
        assertThat(window.sequenceAfter(there)).isEqualTo(5);
    }

    @Test
    void isNotJoinedByOneWhoLacksWhatTheServerLeavesOut() {
        LiveWindow window = windowOf(5, 10_000);
        GtidSet had = GtidSet.parse("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-9");
        Place there = new Place(2, 7, 4, CREATED, 0, had, null);
        Place lacking =
                new Place(
                        2,
                        7,
                        4,
                        CREATED,
                        0,
                        GtidSet.parse("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-8"),
                        null);

        window.continueAt(there, had);

        assertThat(window.sequenceAfter(lacking)).isEqualTo(-1);
        assertThat(window.sequenceAfter(there)).isEqualTo(5);
        assertThat(window.sequenceAfter(there.byGtids())).isEqualTo(-1);
    }

    @Test
    void doesNotKnowPlacesOfAnotherFileOfTheSameName() {
        LiveWindow window = windowOf(5, 10_000);

        assertThat(window.sequenceAfter(at(103).inFile(CREATED + 1))).isEqualTo(-1);
        assertThat(window.sequenceAfter(at(103).inFile(0))).isEqualTo(-1);
        assertThat(window.sequenceAfter(at(500).inFile(CREATED + 1))).isEqualTo(-1);
        assertThat(window.sequenceAfter(new Place(1, 2, 4, CREATED, 0, null, null)))
                .as("a file that the window has not seen")
                .isEqualTo(-1);
    }

    @Test
    void doesNotKnowAPlaceAfterOtherBytesInAFileOfTheSameSecond() {
        Place start = after(100, 77);
        LiveWindow window = new LiveWindow(start, 10_000, new WindowShare(Long.MAX_VALUE));

        assertThat(window.sequenceAfter(after(100, 77))).isZero();
        assertThat(window.sequenceAfter(after(100, 78))).isEqualTo(-1);
    }

    private static Place after(long offset, int checksum) {
        return new Place(1, 1, offset, new Evidence(CREATED, 60, checksum), 0, null, null);
    }

    @Test
    void wakesWhoWaitsAndWhoComesTooLate() throws InterruptedException {
        LiveWindow window = new LiveWindow(START, 10_000, new WindowShare(Long.MAX_VALUE));
        CountDownLatch seen = new CountDownLatch(50);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            threads.add(
                    Thread.startVirtualThread(
                            () -> {
                                while (!window.has(0)) {
                                    window.await(0, TimeUnit.SECONDS.toNanos(20));
                                }
                                seen.countDown();
                            }));
        }
        window.append(commit(100));
        window.wake();

        assertThat(seen.await(5, TimeUnit.SECONDS)).isTrue();
    }

    /// On a server where nothing happens, heartbeats and long polls end many waits, and no event
    /// comes that would wake anyone.
    @Test
    void forgetsWhoNoLongerWaits() throws InterruptedException {
        LiveWindow window = new LiveWindow(START, 10_000, new WindowShare(Long.MAX_VALUE));
        Thread waits =
                Thread.startVirtualThread(() -> window.await(0, TimeUnit.SECONDS.toNanos(20)));
        await().until(() -> window.waiting() == 1);

        for (int i = 0; i < 1_000; i++) {
            window.await(0, 1);
            Thread.startVirtualThread(() -> window.await(0, 1)).join();
        }

        assertThat(window.waiting()).isEqualTo(1);
        window.close();
        assertThat(waits.join(Duration.ofSeconds(5))).isTrue();
        assertThat(window.waiting()).isZero();
    }

    @Test
    void neverGivesAReaderAnotherEventThanItAskedFor() throws InterruptedException {
        LiveWindow window = new LiveWindow(START, 40 * 200, new WindowShare(Long.MAX_VALUE));
        int events = 300_000;
        List<String> wrong = new ArrayList<>();
        List<Thread> readers = new ArrayList<>();
        for (int r = 0; r < 3; r++) {
            readers.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        long sequence = 0;
                                        while (sequence < events) {
                                            if (!window.has(sequence)) {
                                                window.await(sequence, 1_000_000);
                                                continue;
                                            }
                                            LiveEvent event = window.get(sequence);
                                            if (event != null
                                                    && event.event().transaction().start().offset()
                                                            != 100 + sequence) {
                                                synchronized (wrong) {
                                                    wrong.add(sequence + " was " + event.event());
                                                }
                                            }
                                            sequence = event == null ? sequence + 20 : sequence + 1;
                                        }
                                    }));
        }
        for (int i = 0; i < events; i++) {
            window.append(commit(100 + i));
            if (i % 16 == 0) {
                window.wake();
            }
        }
        window.wake();
        for (Thread reader : readers) {
            reader.join(20_000);
        }

        assertThat(readers).noneMatch(Thread::isAlive);
        assertThat(wrong).isEmpty();
    }
}
