package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The rows events that statements leave in a server's binlog.
public final class ReadRows {

    private ReadRows() {}

    /// Runs statements one after the other on one connection, and reads the binlog up to its end.
    public static List<RowsEvent> of(TestMySql mysql, List<String> statements) {
        BinlogStatus from = status(mysql);
        mysql.execute(statements.toArray(String[]::new));
        Place end = status(mysql).place();
        List<RowsEvent> events = new ArrayList<>();
        try (MySqlServer server = new MySqlServer(access(mysql));
                BinlogReader reader =
                        BinlogReader.open(
                                server,
                                new BinlogStart.AtPosition(from.place(), from.position().file()),
                                true)) {
            while (end.isAfter(reader.position()) || reader.hasBuffered()) {
                if (reader.next() instanceof RowsEvent rows) {
                    events.add(rows);
                }
            }
        }
        return events;
    }

    private static BinlogStatus status(TestMySql mysql) {
        try (MySqlServer server = new MySqlServer(access(mysql))) {
            return server.status();
        }
    }

    /// Access as root, by TLS where the server has it.
    public static ServerAccess access(TestMySql mysql) {
        return new ServerAccess(
                ServerAddress.parse(mysql.uri()),
                new Credential(mysql.user(), mysql.password()),
                new ConnectionProperties(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        TlsMode.PREFERRED,
                        null,
                        ""));
    }
}
