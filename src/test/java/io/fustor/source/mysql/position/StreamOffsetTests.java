package io.fustor.source.mysql.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamOffsetTests {

    private static StreamOffset offset(int epoch, long file, long offset, long rows) {
        Place place = new Place(1, file, offset, 1_700_000_000, rows, null, null);
        return new StreamOffset(epoch, new FeedToken(7, place));
    }

    @Test
    void sortsAsText() {
        Random random = new Random(5);
        List<StreamOffset> offsets = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            offsets.add(
                    offset(
                            1 + random.nextInt(20),
                            random.nextLong(1L << random.nextInt(1, 31)),
                            random.nextLong(1L << random.nextInt(1, 38)),
                            random.nextLong(1L << random.nextInt(1, 36))));
        }
        Comparator<StreamOffset> order = Comparator.comparingInt(StreamOffset::epoch);
        order = order.thenComparingLong(one -> one.token().position().fileNumber());
        order = order.thenComparingLong(one -> one.token().position().offset());
        order = order.thenComparingLong(one -> one.token().position().rows());
        offsets.sort(order);

        assertThat(offsets).extracting(StreamOffset::toString).isSorted();
        assertThat(offsets)
                .allSatisfy(one -> assertThat(StreamOffset.parse(one.toString())).isEqualTo(one));
    }

    private static StreamOffset inSnapshot(int step, long file, String table, long rows) {
        Place follow = new Place(1, file, 4711, 1_700_000_000, 0, null, null);
        byte[] key = {(byte) rows, 7};
        SnapshotPlace place = new SnapshotPlace("s", table, 5, key, rows);
        return new StreamOffset(2, step, new FeedToken(7, follow, place, null));
    }

    @Test
    void rowsOfASnapshotSortBeforeTheChangesAfterThem() {
        Random random = new Random(6);
        List<StreamOffset> offsets = new ArrayList<>();
        offsets.add(offset(2, 42, 4710, 8));
        offsets.add(inSnapshot(0, 42, "", 0));
        for (long rows = 1; rows < 1L << 40; rows += 1 + random.nextLong(rows)) {
            String table = "t" + random.nextInt(100);
            offsets.add(inSnapshot(0, 42, table, rows));
            offsets.add(inSnapshot(1, 42, table, rows));
            offsets.add(inSnapshot(1 + random.nextInt(1 << 28), 42, table, rows));
        }
        Place follow = offsets.getLast().token().position();
        Overlap overlap = new Overlap(1, 42, 9_000);
        offsets.add(new StreamOffset(2, new FeedToken(7, follow, null, overlap)));
        offsets.add(
                new StreamOffset(2, new FeedToken(7, follow.afterRows(1, null), null, overlap)));
        offsets.add(offset(2, 42, 4712, 0));
        offsets.add(inSnapshot(0, 43, "a", 1));

        assertThat(offsets).extracting(StreamOffset::toString).isSorted().doesNotHaveDuplicates();
        assertThat(offsets)
                .allSatisfy(one -> assertThat(StreamOffset.parse(one.toString())).isEqualTo(one));
        assertThat(offsets)
                .allSatisfy(
                        one -> assertThat(FeedToken.parse(one.toString())).isEqualTo(one.token()));
    }

    @Test
    void refusesASecondPrefixThatIsNotItsTokens() {
        String text = inSnapshot(3, 42, "t", 4711).toString();
        String ofChanges = offset(2, 42, 4711, 0).toString();
        int end = text.lastIndexOf('.');
        List<String> wrong =
                List.of(
                        text.replace(".0000000", ".0000001"),
                        text.substring(0, 32) + text.substring(end),
                        text.substring(0, end + 1) + ofChanges.substring(33),
                        text.substring(0, end - 8) + "f0000000" + text.substring(end),
                        text + "." + text.substring(end + 1));

        assertThat(wrong)
                .allSatisfy(
                        one ->
                                assertThatThrownBy(() -> FeedToken.parse(one))
                                        .hasMessageContaining("token is malformed"));
    }

    @Test
    void isATokenWhereverATokenIs() {
        StreamOffset offset = offset(3, 42, 4711, 8);

        assertThat(FeedToken.parse(offset.toString())).isEqualTo(offset.token());
        assertThat(StreamOffset.isOne(offset.toString())).isTrue();
        assertThat(StreamOffset.isOne(offset.token().toString())).isFalse();
    }

    @Test
    void refusesAPrefixThatIsNotItsTokens() {
        String text = offset(3, 42, 4711, 8).toString();
        for (int i = 4; i < text.length(); i++) {
            char other = text.charAt(i) == '0' ? '1' : '0';
            String changed = text.substring(0, i) + other + text.substring(i + 1);

            assertThatThrownBy(() -> FeedToken.parse(changed))
                    .as(changed)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
