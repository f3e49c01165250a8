package io.fustor.source.mysql.history;

import io.fustor.source.mysql.position.FeedPosition;

/// A place in one server's binlog.
///
/// @param fileCreated as in [FeedPosition#fileCreated]; not compared
record SchemaPlace(long fileNumber, long offset, int fileCreated)
        implements Comparable<SchemaPlace> {

    SchemaPlace(long fileNumber, long offset) {
        this(fileNumber, offset, 0);
    }

    static SchemaPlace of(FeedPosition position) {
        return new SchemaPlace(position.fileNumber(), position.offset(), position.fileCreated());
    }

    /// A place that no transaction starts at, in front of this one: what a baseline says is told
    /// from what a statement says that stands right where the baseline was taken.
    SchemaPlace before() {
        return new SchemaPlace(fileNumber, offset - 1, fileCreated);
    }

    FeedPosition on(long server) {
        return new FeedPosition(server, fileNumber, offset, fileCreated, 0, null, null);
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
