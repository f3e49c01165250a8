package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.NameRule;
import java.sql.Connection;
import java.sql.SQLException;

/// The identity of a server.
///
/// @param version as the server prints it, such as `8.0.31` or `10.11.6-MariaDB-log`
/// @param uuid of the server, or its substitute ([ServerVersion#uuidQuery])
/// @param gtids whether the server gives each transaction a MySQL GTID
/// @param names how it compares the names of schemas and tables
public record ServerIdentity(String version, String uuid, boolean gtids, NameRule names) {

    /// Reads the identity of the server over a connection.
    public static ServerIdentity read(Connection connection) throws SQLException {
        ServerVersion version = new ServerVersion(SqlRows.text(connection, "SELECT @@version"));
        boolean gtids =
                !version.isMariaDb()
                        && SqlRows.text(connection, "SELECT @@global.gtid_mode").startsWith("ON");
        return new ServerIdentity(
                version.text(),
                SqlRows.text(connection, version.uuidQuery()),
                gtids,
                names(connection));
    }

    /// How the server compares names.
    static NameRule names(Connection connection) throws SQLException {
        String value = SqlRows.text(connection, "SELECT @@global.lower_case_table_names");
        return NameRule.of(Integer.parseInt(value));
    }

    public boolean isMariaDb() {
        return new ServerVersion(version).isMariaDb();
    }

    /// `MySQL` or `MariaDB`.
    public String flavour() {
        return new ServerVersion(version).flavour();
    }

    /// The number of the server in a [Place].
    public long number() {
        return Place.serverNumber(uuid);
    }
}
