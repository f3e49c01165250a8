package io.fustor.source.mysql.support;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One row's change, apart from the event that brought it: sequences of them are the same however
/// the rows were batched.
///
/// @param token the event's, for its last row only
/// @param transaction the transaction's name
/// @param number the row's number in its transaction, from 0
/// @param table `schema.table`
/// @param row JSON text of the after image, of a delete the before image
/// @param before JSON text of an update's before image
public record FeedRow(
        @Nullable String token,
        String transaction,
        long number,
        String table,
        String operation,
        String row,
        @Nullable String before) {

    /// Fails with the first difference between two sequences, leaving tokens aside.
    public static void assertSameSequence(List<FeedRow> expected, List<FeedRow> actual) {
        int common = Math.min(expected.size(), actual.size());
        for (int i = 0; i < common; i++) {
            if (!expected.get(i).isSameChange(actual.get(i))) {
                throw new AssertionError(
                        "row %d of %d/%d differs:%nexpected %s%nbut was  %s%nafter    %s"
                                .formatted(
                                        i,
                                        expected.size(),
                                        actual.size(),
                                        expected.get(i),
                                        actual.get(i),
                                        i == 0 ? "nothing" : actual.get(i - 1)));
            }
        }
        if (expected.size() != actual.size()) {
            List<FeedRow> longer = expected.size() > actual.size() ? expected : actual;
            throw new AssertionError(
                    "%d rows expected, %d received; the first %s is %s"
                            .formatted(
                                    expected.size(),
                                    actual.size(),
                                    longer == expected ? "missing" : "unexpected",
                                    longer.get(common)));
        }
    }

    public boolean isSameChange(FeedRow other) {
        return number == other.number
                && transaction.equals(other.transaction)
                && table.equals(other.table)
                && operation.equals(other.operation)
                && row.equals(other.row)
                && (before == null ? other.before == null : before.equals(other.before));
    }
}
