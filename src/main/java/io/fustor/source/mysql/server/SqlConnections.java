package io.fustor.source.mysql.server;

import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.Driver;
import io.fustor.source.mysql.error.SourceException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/// Opens SQL connections to MySQL servers, each with the same fixed set of driver properties. Only
/// host and port, both read by grammar, and the credential come from outside; whoever opens a
/// connection closes it. Any thread may call it, and waits for the server.
public final class SqlConnections {

    private SqlConnections() {}

    /// A connection in autocommit mode, without a default schema, whose session time zone is UTC.
    /// Connecting and login together wait at most [ConnectionProperties#connectTimeout], every read
    /// after that at most [ConnectionProperties#readTimeout].
    ///
    /// @throws SourceException with what hinders the connection
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

    /// Nothing in a parsed address means anything in a URL but the zone of an IPv6 address.
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

        set(properties, PropertyKey.allowLoadLocalInfile, false);
        set(properties, PropertyKey.allowUrlInLocalInfile, false);
        set(properties, PropertyKey.allowMultiQueries, false);
        set(properties, PropertyKey.paranoid, true);

        // An offset, for names of zones are unknown to a server whose zone tables are empty.
        set(properties, PropertyKey.connectionTimeZone, "+00:00");
        set(properties, PropertyKey.forceConnectionTimeZoneToSession, true);
        set(properties, PropertyKey.characterEncoding, "UTF-8");
        set(properties, PropertyKey.tinyInt1isBit, false);
        set(properties, PropertyKey.transformedBitIsBoolean, false);
        set(properties, PropertyKey.yearIsDateType, false);
        set(properties, PropertyKey.zeroDateTimeBehavior, "EXCEPTION");
        return properties;
    }

    private static void set(Properties properties, PropertyKey key, Object value) {
        properties.setProperty(key.getKeyName(), value.toString());
    }

    private static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }
}
