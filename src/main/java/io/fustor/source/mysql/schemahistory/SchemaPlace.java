package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.position.Evidence;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;

/// A place in one server's binlog.
///
/// @param evidence as in [Place#evidence]; not compared
record SchemaPlace(long fileNumber, long offset, Evidence evidence)
        implements Comparable<SchemaPlace> {

    SchemaPlace(long fileNumber, long offset) {
        this(fileNumber, offset, Evidence.NONE);
    }

    static SchemaPlace of(Place position) {
        return new SchemaPlace(position.fileNumber(), position.offset(), position.evidence());
    }

    /// A place right before this one where no transaction starts. It separates a baseline from a
    /// statement at the place where the baseline was taken.
    SchemaPlace before() {
        return new SchemaPlace(fileNumber, offset - 1, evidence);
    }

    /// Whether two places are the same, or neither is there. Their evidence is not stored, so it
    /// may differ.
    static boolean areSame(@Nullable SchemaPlace one, @Nullable SchemaPlace other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        return one.compareTo(other) == 0;
    }

    Place on(long server) {
        return new Place(server, fileNumber, offset, evidence, 0, null, null);
    }

    @Override
    public int compareTo(SchemaPlace other) {
        int byFile = Long.compare(fileNumber, other.fileNumber);
        return byFile != 0 ? byFile : Long.compare(offset, other.offset);
    }

    @Override
    public String toString() {
        return "binlog file number " + fileNumber + ", offset " + offset;
    }
}
