package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.SqlRows;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Whether the connection for queries leads to the server of a session that has a mark. Callers
/// that ask for the same mark at the same time share the query. Any thread may call.
final class Sightings {

    private final Function<Questions.Question<Boolean>, SharedAnswer<Boolean>> sharing;
    private volatile @Nullable Sighting last;

    private record Sighting(SessionMark mark, SharedAnswer<Boolean> answer) {}

    /// @param sharing lets callers share a query
    Sightings(Function<Questions.Question<Boolean>, SharedAnswer<Boolean>> sharing) {
        this.sharing = sharing;
    }

    /// True if the mark cannot tell.
    boolean sees(SessionMark mark) {
        if (mark.equals(SessionMark.NONE)) {
            return true;
        }
        Sighting known = last;
        if (known == null || !known.mark().equals(mark)) {
            known =
                    new Sighting(
                            mark,
                            sharing.apply(
                                    open ->
                                            !SqlRows.text(open, "SELECT " + mark.look())
                                                    .isEmpty()));
            last = known;
        }
        return known.answer().get();
    }
}
