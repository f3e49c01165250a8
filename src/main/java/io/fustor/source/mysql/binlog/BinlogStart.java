package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.GtidSet;

/// Where a reader begins.
public sealed interface BinlogStart {

    /// The number of the server that is asked.
    long server();

    /// At the transaction that a place stands in, or at the place itself where it stands between
    /// two.
    ///
    /// @param file the name of the file that the place's number stands for
    record AtPosition(FeedPosition position, String file) implements BinlogStart {
        @Override
        public long server() {
            return position.server();
        }
    }

    /// At the first transaction that a set lacks; the server looks for it.
    record AfterGtids(long server, GtidSet executed) implements BinlogStart {}
}
