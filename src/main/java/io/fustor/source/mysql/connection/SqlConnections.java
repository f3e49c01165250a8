package io.fustor.source.mysql.connection;

import com.mysql.cj.NativeSession;
import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.Driver;
import com.mysql.cj.jdbc.JdbcConnection;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/// Opens SQL connections to MySQL servers, all with the same fixed driver properties. Only host and
/// port, both parsed by a grammar, and the credential come from outside. The caller closes the
/// connection. Any thread may call this; it blocks on the server.
public final class SqlConnections {

    /// How long to wait for a table lock, in seconds; the server's own default is a year.
    private static final int LOCK_WAIT = 2;

    private SqlConnections() {}

    /// A connection in autocommit mode, without a default schema, whose session time zone is UTC.
    /// The connection and the login together wait at most [ConnectionProperties#connectTimeout],
    /// every later read at most [ConnectionProperties#readTimeout].
    ///
    /// @throws SourceException with the reason why there is no connection
    public static Connection open(ServerAccess access) {
        return ConnectAttempt.run(access, attempt -> open(access, attempt));
    }

    private static Connection open(ServerAccess access, ConnectAttempt attempt) {
        try {
            Driver driver = new Driver();
            Connection connection =
                    ScopedValue.where(AttemptSocketFactory.ATTEMPT, attempt)
                            .call(() -> driver.connect(url(access.address()), fixed(access)));
            // Until here, the driver's socket timeout was the connect timeout.
            connection.setNetworkTimeout(Runnable::run, millis(access.connection().readTimeout()));
            return connection;
        } catch (SQLException e) {
            throw SqlErrors.whileConnecting(e, access);
        }
    }

    /// In a parsed address, only the zone of an IPv6 address has a special meaning in a URL.
    private static String url(ServerAddress address) {
        return "jdbc:mysql://" + address.toString().replace("%", "%25") + "/";
    }

    private static Properties fixed(ServerAccess access) {
        ConnectionProperties connection = access.connection();
        Properties properties = new Properties();
        set(properties, PropertyKey.USER, access.credential().user());
        set(properties, PropertyKey.PASSWORD, access.credential().password());
        set(properties, PropertyKey.connectTimeout, millis(connection.connectTimeout()));
        set(properties, PropertyKey.socketTimeout, millis(connection.connectTimeout()));
        set(properties, PropertyKey.connectionAttributes, "program_name:fustor-source-mysql");
        set(properties, PropertyKey.socketFactory, AttemptSocketFactory.class.getName());

        set(properties, PropertyKey.sslMode, connection.tls());
        set(properties, PropertyKey.allowPublicKeyRetrieval, connection.tls().mayBePlain());
        if (connection.tls().isVerified() && connection.trustStore() != null) {
            TrustedCertificates.addTo(properties, connection);
        }

        set(properties, PropertyKey.disabledAuthenticationPlugins, LoginPlugins.DISABLED);
        set(properties, PropertyKey.allowLoadLocalInfile, false);
        set(properties, PropertyKey.allowUrlInLocalInfile, false);
        set(properties, PropertyKey.allowMultiQueries, false);
        set(properties, PropertyKey.paranoid, true);

        // A table that another session has locked fails within seconds instead of blocking forever.
        set(properties, PropertyKey.sessionVariables, "lock_wait_timeout=" + LOCK_WAIT);

        // An offset: a server with empty zone tables does not know the names of zones.
        set(properties, PropertyKey.connectionTimeZone, "+00:00");
        set(properties, PropertyKey.forceConnectionTimeZoneToSession, true);
        set(properties, PropertyKey.characterEncoding, "UTF-8");
        set(properties, PropertyKey.tinyInt1isBit, false);
        set(properties, PropertyKey.transformedBitIsBoolean, false);
        set(properties, PropertyKey.yearIsDateType, false);
        set(properties, PropertyKey.zeroDateTimeBehavior, "EXCEPTION");
        return properties;
    }

    /// Prepares a query whose rows the driver does not hold: the reader asks for them one by one.
    ///
    /// @param weight what the reader keeps of each row in addition to its bytes; 0 if it counts by
    ///   itself
    public static PreparedStatement rowByRow(Connection connection, String sql, int weight)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        // Only this fetch size makes the driver read row by row; otherwise it reads all rows into
        // memory.
        statement.setFetchSize(Integer.MIN_VALUE);
        if (socket(connection) instanceof FramedSocket framed) {
            framed.frames().rowByRow(weight);
        }
        return statement;
    }

    /// Releases the memory of an open connection's last answer.
    public static void settle(Connection connection) {
        try {
            if (!connection.isClosed() && socket(connection) instanceof FramedSocket framed) {
                framed.frames().settle();
            }
        } catch (SQLException _) {
            // It is closed and holds nothing.
        }
    }

    private static Socket socket(Connection connection) throws SQLException {
        NativeSession session =
                (NativeSession) connection.unwrap(JdbcConnection.class).getSession();
        try {
            return session.getProtocol().getSocketConnection().getMysqlSocket();
        } catch (IOException e) {
            throw new SQLException("the connection has no socket", "08003", e);
        }
    }

    private static void set(Properties properties, PropertyKey key, Object value) {
        properties.setProperty(key.getKeyName(), value.toString());
    }

    private static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }
}
