package io.fustor.source.mysql.server;

import static io.fustor.source.mysql.error.FailureCode.ACCESS_DENIED;
import static io.fustor.source.mysql.error.FailureCode.CONNECTION_LOST;
import static io.fustor.source.mysql.error.FailureCode.CONNECTION_REFUSED;
import static io.fustor.source.mysql.error.FailureCode.CONNECT_TIMEOUT;
import static io.fustor.source.mysql.error.FailureCode.HOST_BLOCKED;
import static io.fustor.source.mysql.error.FailureCode.NOT_MYSQL;
import static io.fustor.source.mysql.error.FailureCode.PRIVILEGE_MISSING;
import static io.fustor.source.mysql.error.FailureCode.SERVER_ERROR;
import static io.fustor.source.mysql.error.FailureCode.SERVER_STALLED;
import static io.fustor.source.mysql.error.FailureCode.TLS_FAILED;
import static io.fustor.source.mysql.error.FailureCode.TLS_REQUIRED;
import static io.fustor.source.mysql.error.FailureCode.TOO_MANY_CONNECTIONS;

import com.mysql.cj.exceptions.SSLParamsException;
import com.mysql.cj.exceptions.UnableToConnectException;
import io.fustor.source.mysql.error.SourceException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Turns what the SQL driver throws into what went wrong, by the server's error number, the SQL
/// state and the class of the cause. Nothing else in the service looks into a [SQLException].
public final class SqlErrors {

    /// The driver's state, without error or cause, both for what it does not understand and for a
    /// login that it will not do: who greets as a server does is understood.
    private static final String NO_LOGIN = "S1000";

    private SqlErrors() {}

    /// An error of a statement on an open connection.
    public static SourceException translate(SQLException e, ServerAccess access) {
        SourceException known = byNumber(e, access);
        if (known != null) {
            return known;
        }
        if (hasCause(e, SocketTimeoutException.class)) {
            return new SourceException(
                    SERVER_STALLED,
                    access.address()
                            + " did not answer within "
                            + seconds(access.connection().readTimeout())
                            + "; it is busy, or the network between drops packets",
                    e);
        }
        if (isConnectionState(e) || hasCause(e, IOException.class)) {
            return new SourceException(
                    CONNECTION_LOST, "the connection to " + access.address() + " was lost", e);
        }
        return serverError(e, access);
    }

    /// An error of an attempt to connect.
    public static SourceException whileConnecting(SQLException e, ServerAccess access) {
        SourceException known = byNumber(e, access);
        if (known != null) {
            return known;
        }
        ServerAddress address = access.address();
        boolean isBrokenOff =
                hasCause(e, EOFException.class)
                        || hasCause(e, SocketException.class)
                        || hasCause(e, SocketTimeoutException.class);
        if ((hasCause(e, SSLException.class) && !isBrokenOff)
                || hasCause(e, GeneralSecurityException.class)
                || hasCause(e, SSLParamsException.class)) {
            return tlsFailed(
                    "the server's certificate is not trusted or is another host's, or both sides"
                            + " have no TLS version in common",
                    e,
                    access);
        }
        if (hasCause(e, SocketTimeoutException.class)) {
            return new SourceException(
                    CONNECT_TIMEOUT,
                    address
                            + " did not answer within "
                            + seconds(access.connection().connectTimeout())
                            + ": the host is down, a firewall drops the packets, or no MySQL server"
                            + " listens there",
                    e);
        }
        if (hasCause(e, ConnectException.class) || hasCause(e, NoRouteToHostException.class)) {
            return new SourceException(
                    CONNECTION_REFUSED,
                    address
                            + " refused the connection: nothing listens there, or a firewall"
                            + " rejects it",
                    e);
        }
        if (hasCause(e, IOException.class)) {
            return new SourceException(
                    CONNECTION_LOST,
                    address + " closed the connection before the login was through",
                    e);
        }
        return notUnderstood(e, access);
    }

    /// The driver could not make sense of the greeting. That is another protocol, or, where
    /// encryption is wanted, a server that offers none: the driver throws the same for both.
    private static SourceException notUnderstood(SQLException e, ServerAccess access) {
        if (e.getErrorCode() != 0) {
            return serverError(e, access);
        }
        if (e.getCause() == null
                && NO_LOGIN.equals(e.getSQLState())
                && ServerProbe.greets(access)) {
            return loginRefused(e, access);
        }
        if (hasCause(e, UnableToConnectException.class)
                && !access.connection().tls().mayBePlain()) {
            return tlsFailed("the server offers none", e, access);
        }
        return new SourceException(
                NOT_MYSQL,
                access.address()
                        + " does not speak MySQL's protocol; the port of a MySQL server is usually"
                        + " 3306 (33060 is its X protocol)",
                e);
    }

    /// The driver will not log in as the server asks it to: with the password as it is and without
    /// TLS, or by a plugin that it does not have.
    private static SourceException loginRefused(SQLException e, ServerAccess access) {
        return new SourceException(
                access.connection().tls().mayBePlain() ? TLS_REQUIRED : ACCESS_DENIED,
                access.address() + " asks for a login that is not done: " + said(e),
                e);
    }

    private static @Nullable SourceException byNumber(SQLException e, ServerAccess access) {
        return switch (e.getErrorCode()) {
            case 1045, 1130, 1251, 1524, 1698, 1820, 1862, 3118, 3955, 4151 ->
                    new SourceException(
                            ACCESS_DENIED, access.address() + " denied access: " + said(e), e);
            case 1044, 1142, 1143, 1227, 1370 ->
                    new SourceException(
                            PRIVILEGE_MISSING,
                            "the user "
                                    + access.credential().user()
                                    + " lacks a privilege at "
                                    + access.address()
                                    + ": "
                                    + said(e),
                            e);
            case 1040, 1203, 1226 ->
                    new SourceException(
                            TOO_MANY_CONNECTIONS,
                            access.address() + " has no free connection: " + said(e),
                            e);
            case 1129 ->
                    new SourceException(
                            HOST_BLOCKED,
                            access.address()
                                    + " blocks this host after many failed connections; run"
                                    + " TRUNCATE TABLE performance_schema.host_cache there",
                            e);
            case 3159 ->
                    new SourceException(
                            TLS_REQUIRED,
                            access.address()
                                    + " accepts encrypted connections only; set fustor.mysql.tls"
                                    + " to preferred or required",
                            e);
            case 1053, 1152, 1158, 1159, 1160, 1161, 1927, 3169, 4031 ->
                    new SourceException(
                            CONNECTION_LOST,
                            "the connection to " + access.address() + " was ended: " + said(e),
                            e);
            default -> null;
        };
    }

    private static SourceException tlsFailed(String reason, SQLException e, ServerAccess access) {
        String mode = access.connection().tls().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return new SourceException(
                TLS_FAILED,
                "no encrypted connection to "
                        + access.address()
                        + " with fustor.mysql.tls="
                        + mode
                        + ": "
                        + reason,
                e);
    }

    private static SourceException serverError(SQLException e, ServerAccess access) {
        return new SourceException(
                SERVER_ERROR,
                access.address()
                        + " answered with error "
                        + e.getErrorCode()
                        + " ("
                        + e.getSQLState()
                        + "): "
                        + said(e),
                e);
    }

    /// The server's own words, unless they quote the statement.
    private static String said(SQLException e) {
        boolean quotesStatement = e.getErrorCode() == 1064 || e.getErrorCode() == 1149;
        return quotesStatement
                ? "it could not parse a statement"
                : Objects.requireNonNullElse(e.getMessage(), "it gave no reason");
    }

    private static boolean isConnectionState(SQLException e) {
        String state = e.getSQLState();
        return state != null && state.startsWith("08");
    }

    private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }
}
