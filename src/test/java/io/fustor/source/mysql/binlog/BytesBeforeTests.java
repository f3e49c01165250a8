package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.Evidence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytesBeforeTests {

    private static final int CREATED = 1_700_000_000;
    private static final int FIRST = 4 + 120;
    private static final int HEADER = 19;

    /// @param at offset in the file
    private record Event(long at, EventBytes bytes) {}

    private static Event event(long at, int type, int size, Random content) {
        byte[] bytes = new byte[size];
        content.nextBytes(bytes);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).put(4, (byte) type).putInt(9, size);
        EventBytes event = new EventBytes();
        event.set(bytes, 0, size, false);
        return new Event(at, event);
    }

    /// Transactions of a few events each, some longer than what is covered at most.
    private static List<Event> file(Random random, int transactions) {
        List<Event> events = new ArrayList<>();
        long at = FIRST;
        for (int i = 0; i < transactions; i++) {
            int rows = random.nextInt(20) == 0 ? random.nextInt(40) : 1 + random.nextInt(3);
            for (int row = 0; row <= rows; row++) {
                int type = row == 0 ? EventType.MARIADB_GTID : EventType.WRITE_ROWS_V1;
                int longest = random.nextInt(100) == 0 ? Evidence.LONGEST + 500 : 4000;
                int size = HEADER + random.nextInt(row == 0 ? 30 : longest);
                events.add(event(at, type, size, random));
                at += size;
            }
        }
        return events;
    }

    private static Evidence enter(BytesBefore before, Event event) {
        before.enter(event.bytes(), event.at());
        return before.evidence(CREATED);
    }

    private static List<Evidence> evidence(List<Event> events) {
        BytesBefore before = new BytesBefore(true);
        return events.stream().map(event -> enter(before, event)).toList();
    }

    /// As a reader does that proves its place, and goes on from there.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void isTheSameForEveryReaderThatBeginsAtItsFirstByte(long seed) {
        List<Event> events = file(new Random(seed), 500);
        List<Evidence> expected = evidence(events);
        for (int i = 0; i < events.size(); i += 7) {
            Event last = events.get(i);
            long from = last.at() + last.bytes().size() - expected.get(i).length();
            List<Event> rest = events.stream().filter(event -> event.at() >= from).toList();
            List<Evidence> found = evidence(rest);
            int skipped = events.size() - rest.size();
            assertThat(found.subList(i + 1 - skipped, rest.size()))
                    .isEqualTo(expected.subList(i + 1, events.size()));
        }
    }

    /// As a reader does that begins anywhere, at a place without evidence.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void settlesOnWhatEveryReaderHas(long seed) {
        List<Event> events = file(new Random(seed), 500);
        List<Evidence> expected = evidence(events);
        int settled = 0;
        int met = 0;
        for (int i = 1; i < events.size(); i += 7) {
            BytesBefore before = new BytesBefore(false);
            for (int j = i; j < events.size(); j++) {
                Evidence found = enter(before, events.get(j));
                met++;
                if (found.isSettled()) {
                    assertThat(found).isEqualTo(expected.get(j));
                    settled++;
                }
            }
        }
        assertThat(settled).isGreaterThan(met * 9 / 10);
    }

    @Test
    void coversMoreThanTheLastTransaction() {
        Random random = new Random(1);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            events.add(event(FIRST + 60L * i, EventType.MARIADB_GTID, 60, random));
        }

        List<Evidence> evidence = evidence(events);

        for (int i = 0; i < events.size(); i++) {
            int there = 60 * (i + 1);
            assertThat(evidence.get(i).length()).isBetween(Math.min(there, 4096), 2 * 4096 + 60);
        }
    }

    @Test
    void tellsFilesApartThatDifferInAnEarlierTransaction() {
        List<Event> one = new ArrayList<>();
        List<Event> other = new ArrayList<>();
        one.add(event(FIRST, EventType.MARIADB_GTID, 60, new Random(1)));
        other.add(event(FIRST, EventType.MARIADB_GTID, 60, new Random(2)));
        for (List<Event> file : List.of(one, other)) {
            file.add(event(FIRST + 60, EventType.MARIADB_GTID, 60, new Random(3)));
        }

        Evidence last = evidence(one).getLast();

        assertThat(last.contradicts(evidence(other).getLast())).isTrue();
    }
}
