package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.GtidSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Asks a server about the files of its binlog. Every method blocks on the server.
final class BinlogFiles {

    /// A MariaDB writes the GTIDs of the earlier files within this many events of a file's start.
    private static final int HEAD_EVENTS = 5;

    private static final String RETENTION =
            """
            SHOW GLOBAL VARIABLES WHERE Variable_name IN (
                'binlog_expire_logs_seconds', 'binlog_expire_logs_auto_purge', 'expire_logs_days')
            """;

    private BinlogFiles() {}

    /// The files that the server still has, oldest first.
    static List<MySqlServer.BinlogFile> list(Connection open) throws SQLException {
        return SqlRows.read(
                open,
                "SHOW BINARY LOGS",
                row -> new MySqlServer.BinlogFile(row.getString(1), row.getLong(2)));
    }

    /// The GTIDs of the files before one, as a MariaDB writes them at its start.
    ///
    /// @param file a name that the server gave
    /// @throws SourceException `CONNECTION_LOST` if the server has only just begun the file
    static GtidSet gtidsBefore(Connection open, String file) throws SQLException {
        List<String> lists = new ArrayList<>();
        SqlRows.forEach(
                open,
                "SHOW BINLOG EVENTS IN '%s' LIMIT %d".formatted(file, HEAD_EVENTS),
                row -> {
                    if (row.getString(3).equals("Gtid_list")) {
                        lists.add(row.getString(6));
                    }
                });
        if (lists.isEmpty()) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    file + " does not say yet which GTIDs the files before it hold");
        }
        return GtidSet.parse(lists.getFirst().replaceAll("[\\[\\]]", ""));
    }

    /// How long the server keeps a file to which it no longer writes; null if it purges none by
    /// itself.
    static @Nullable Duration retention(Connection open) throws SQLException {
        Map<String, String> variables = new HashMap<>();
        SqlRows.forEach(open, RETENTION, row -> variables.put(row.getString(1), row.getString(2)));
        String seconds = variables.getOrDefault("binlog_expire_logs_seconds", "0");
        String days = variables.getOrDefault("expire_logs_days", "0");
        String purges = variables.getOrDefault("binlog_expire_logs_auto_purge", "ON");
        long kept =
                seconds.equals("0")
                        ? (long) (Double.parseDouble(days) * 86_400)
                        : Long.parseLong(seconds);
        return kept == 0 || !purges.equals("ON") ? null : Duration.ofSeconds(kept);
    }
}
