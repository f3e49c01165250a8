package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.Operation;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What became of a row of a rows event for those who hold the rows that meet a condition. For one
/// thread.
final class JudgedRow {

    private final EnumSet<Operation> wanted = EnumSet.noneOf(Operation.class);
    private @Nullable Operation became;
    private Crossing crossing = Crossing.NONE;

    /// @param operations what rows may become that are wanted
    JudgedRow(Set<Operation> operations) {
        wanted.addAll(operations);
    }

    /// Judges the row at the cursor. After it, the cursor is at the after image of an update, and
    /// else still at the row.
    void judge(RowImages images, Operation of) {
        crossing = Crossing.NONE;
        boolean before = images.beforeMatches();
        if (of != Operation.UPDATE) {
            became = before ? of : null;
            return;
        }
        images.skipBefore();
        boolean after = images.afterMatches();
        if (before && after) {
            became = Operation.UPDATE;
        } else if (after) {
            became = Operation.INSERT;
            crossing = Crossing.ENTERED;
        } else if (before) {
            became = Operation.DELETE;
            crossing = Crossing.LEFT;
        } else {
            became = null;
        }
    }

    /// Whether it became what is wanted.
    boolean isWanted() {
        return became != null && wanted.contains(became);
    }

    /// What it became; null where it meets the condition neither before nor after.
    @Nullable Operation became() {
        return became;
    }

    Crossing crossing() {
        return crossing;
    }

    /// Moves the cursor from where [#judge] left it to the end of the row.
    static void skipRest(RowImages images, Operation of) {
        if (of == Operation.UPDATE) {
            images.skipAfter();
        } else {
            images.skipRow();
        }
    }
}
