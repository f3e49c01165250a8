package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A server's description of its binlog. It is queried on first use and then kept, so any number of
/// places costs three queries. For one thread and one request, because the server advances.
final class BinlogView {

    private final MySqlServer server;
    private @Nullable BinlogStatus status;
    private @Nullable List<BinlogFile> files;
    private @Nullable GtidSet purged;

    BinlogView(MySqlServer server) {
        this.server = server;
    }

    BinlogStatus status() {
        BinlogStatus known = status;
        if (known == null) {
            known = server.status();
            status = known;
        }
        return known;
    }

    /// Whether the server that answers now is the one whose status this is. Asks it.
    boolean isOfOneServer() {
        return server.status().server().number() == status().server().number();
    }

    /// The files that the server still has, oldest first.
    List<BinlogFile> files() {
        List<BinlogFile> known = files;
        if (known == null) {
            // Query the status before the files; otherwise a new file may be ahead of the status.
            status();
            known = server.files();
            files = known;
        }
        return known;
    }

    GtidSet purged() {
        GtidSet known = purged;
        if (known == null) {
            known = server.purged();
            purged = known;
        }
        return known;
    }
}
