package io.fustor.source.mysql.server;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.GtidSet;
import org.jspecify.annotations.Nullable;

/// Where a server's binlog ends, as `SHOW BINARY LOG STATUS` says it; position and set belong
/// together.
///
/// @param executed null where the server gives no MySQL GTIDs
public record BinlogStatus(
        ServerIdentity server, BinlogPosition position, @Nullable GtidSet executed) {

    /// The place behind the last transaction.
    public FeedPosition place() {
        return new FeedPosition(
                server.number(), position.fileNumber(), position.offset(), 0, 0, executed, null);
    }
}
