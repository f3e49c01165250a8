package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.TableId;
import org.jspecify.annotations.Nullable;

/// The statements before a history's baseline, as far back as they were read. Only the tables that
/// they touch matter: an untouched table had the baseline's definition.
///
/// Not thread-safe; [SchemaHistory] guards it.
final class EarlierStatements {

    /// The place after which all statements were read.
    private @Nullable SchemaPlace from;

    private @Nullable TouchedTables touched;

    /// Forgets everything.
    ///
    /// @param baseline its place, null if there is none
    void begin(@Nullable SchemaPlace baseline) {
        from = baseline;
        touched = null;
    }

    /// The place after which all statements were read; null without a baseline.
    @Nullable SchemaPlace from() {
        return from;
    }

    /// Adds the tables that the statements between an earlier place and [#from] touch.
    void add(SchemaPlace start, TouchedTables earlier) {
        if (touched != null) {
            earlier.add(touched);
        }
        touched = earlier;
        from = start;
    }

    /// Why a table may have had another definition at a place than in the baseline, as the end of a
    /// sentence; null if it had the same.
    @Nullable String doubt(TableId table, SchemaPlace place) {
        if (touched == null || from == null || place.compareTo(from) < 0) {
            return "and what stands between was not read";
        }
        return touched.isTouchedAfter(table, place)
                ? "and a statement between changed it or another of its name"
                : null;
    }
}
