package io.fustor.source.mysql.server;

import io.fustor.source.mysql.position.FeedPosition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/// Who a server is.
///
/// @param version as the server says it, such as `8.0.31` or `10.11.6-MariaDB-log`
/// @param uuid of the server; where it has none (MariaDB), what stands for it
/// @param gtids whether it gives each transaction a MySQL GTID
public record ServerIdentity(String version, String uuid, boolean gtids) {

    /// Asks the server at the other end of a connection.
    public static ServerIdentity read(Connection connection) throws SQLException {
        String version = text(connection, "SELECT @@version");
        if (isMariaDb(version)) {
            return new ServerIdentity(
                    version, "mariadb:" + text(connection, "SELECT @@global.server_id"), false);
        }
        String mode = text(connection, "SELECT @@global.gtid_mode");
        return new ServerIdentity(
                version, text(connection, "SELECT @@global.server_uuid"), mode.startsWith("ON"));
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            String text = row.next() ? row.getString(1) : null;
            return text == null ? "" : text;
        }
    }

    private static boolean isMariaDb(String version) {
        return version.toLowerCase(Locale.ROOT).contains("mariadb");
    }

    public boolean isMariaDb() {
        return isMariaDb(version);
    }

    /// `MySQL` or `MariaDB`.
    public String flavour() {
        return isMariaDb() ? "MariaDB" : "MySQL";
    }

    /// What stands for the server in a [FeedPosition].
    public long number() {
        return FeedPosition.serverNumber(uuid);
    }
}
