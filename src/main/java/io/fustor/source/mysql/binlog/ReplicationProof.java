package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.ServerAccess;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Shows that a user may follow a server's binlog by doing it, for the wizard.
public final class ReplicationProof {

    private ReplicationProof() {}

    /// Reads the event that stands first in every binlog file, as a replica would at the binlog's
    /// end. Blocks for the time given at most, after the connect timeout.
    ///
    /// @return the file's name
    /// @throws SourceException with what hinders it
    public static String readOneEvent(ServerAccess access, Duration time) {
        try (MySqlServer server = new MySqlServer(access)) {
            BinlogStatus status = server.status();
            String file = status.position().file();
            try (BinlogReader reader =
                    BinlogReader.open(
                            server, new BinlogStart.AtPosition(status.place(), file), false)) {
                // A server that sends other things for ever is cut off.
                CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS)
                        .execute(reader::close);
                reader.fileCreated();
                return file;
            }
        }
    }
}
