package io.fustor.source.mysql.history;

import io.fustor.source.mysql.position.FeedPosition;

/// A place between two transactions of one server's binlog.
record SchemaPlace(long fileNumber, long offset) implements Comparable<SchemaPlace> {

    static SchemaPlace of(FeedPosition position) {
        return new SchemaPlace(position.fileNumber(), position.offset());
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
