package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Checks that a user may read a server's binlog, by reading it or by all the steps before that.
public final class ReplicationProof {

    private ReplicationProof() {}

    /// Reads the first event of the current binlog file, as a replica at the binlog's end would.
    /// Blocks for at most the given time, after the connect timeout.
    ///
    /// @return the file's name
    /// @throws SourceException with the reason of a failure
    public static String readOneEvent(ServerAccess access, Duration time) {
        try (MySqlServer server = new MySqlServer(access)) {
            BinlogStatus status = server.status();
            String file = status.position().file();
            try (BinlogReader reader =
                    BinlogReader.open(
                            server, new BinlogStart.AtPosition(status.place(), file), false)) {
                // A server that sends other packets forever is disconnected.
                CountDownLatch done = new CountDownLatch(1);
                SupervisedThread.virtual(
                        Work.QUESTION, "end of a proof", () -> closeAfter(time, done, reader));
                try {
                    reader.fileCreated();
                } finally {
                    done.countDown();
                }
                return file;
            }
        }
    }

    /// Checks that a user may read the binlog, without reading it: logs in and registers as a
    /// replica, which requires the same privilege. Blocks for at most the connect timeout.
    ///
    /// @throws SourceException with the reason of a failure
    public static void requireLogin(ServerAccess access) {
        try (ReplicationConnection connection = ReplicationConnection.open(access)) {
            connection.register();
        }
    }

    private static void closeAfter(Duration time, CountDownLatch done, BinlogReader reader) {
        try {
            if (!done.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                reader.close();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
