package io.fustor.source.mysql.connection;

import static io.fustor.source.mysql.error.FailureCode.ACCESS_DENIED;
import static io.fustor.source.mysql.error.FailureCode.CONNECTION_LOST;
import static io.fustor.source.mysql.error.FailureCode.CONNECTION_REFUSED;
import static io.fustor.source.mysql.error.FailureCode.CONNECT_TIMEOUT;
import static io.fustor.source.mysql.error.FailureCode.NOT_MYSQL;
import static io.fustor.source.mysql.error.FailureCode.SERVER_STALLED;
import static io.fustor.source.mysql.error.FailureCode.TLS_FAILED;
import static io.fustor.source.mysql.error.FailureCode.TLS_REQUIRED;

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
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Translates the SQL driver's exceptions into failures, by the server's error number
/// ([ServerErrors]), the SQL state and the class of the cause. No other class of the service
/// examines a [SQLException].
public final class SqlErrors {

    /// The driver's state for a greeting that it does not understand and for a login that it
    /// refuses, without error number or cause. After a valid greeting it is the latter.
    private static final String NO_LOGIN = "S1000";

    private SqlErrors() {}

    /// An error of a statement on an open connection.
    public static SourceException translate(SQLException e, ServerAccess access) {
        SourceException known = known(e, access);
        if (known != null) {
            return known;
        }
        if (hasCause(e, SocketTimeoutException.class)) {
            return new SourceException(
                    SERVER_STALLED,
                    access.address()
                            + " did not answer within "
                            + seconds(access.connection().readTimeout())
                            + "; it is busy, or the network drops packets",
                    e);
        }
        if (isConnectionState(e) || hasCause(e, IOException.class)) {
            return new SourceException(
                    CONNECTION_LOST, "the connection to " + access.address() + " was lost", e);
        }
        return serverError(e, access);
    }

    private static @Nullable SourceException known(SQLException e, ServerAccess access) {
        SourceException refusal = AnswerRefusedException.in(e);
        return refusal != null ? refusal : byNumber(e, access);
    }

    /// An error of an attempt to connect.
    public static SourceException whileConnecting(SQLException e, ServerAccess access) {
        SourceException known = known(e, access);
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
                    "the server's certificate is not trusted or belongs to another host, or the"
                            + " two sides have no TLS version in common",
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

    /// The driver did not understand the greeting. It is another protocol or, if encryption is
    /// required, a server without TLS: the driver throws the same exception for both.
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
            return tlsFailed("the server does not offer TLS", e, access);
        }
        return new SourceException(
                NOT_MYSQL,
                access.address()
                        + " does not speak MySQL's protocol; the port of a MySQL server is usually"
                        + " 3306 (33060 is its X protocol)",
                e);
    }

    /// The driver refuses the login that the server requests: a clear-text password without TLS, or
    /// a plugin that the driver does not have.
    private static SourceException loginRefused(SQLException e, ServerAccess access) {
        return new SourceException(
                access.connection().tls().mayBePlain() ? TLS_REQUIRED : ACCESS_DENIED,
                access.address()
                        + " asks for a login that the service refuses: "
                        + ServerErrors.said(e.getErrorCode(), e.getMessage()),
                e);
    }

    private static @Nullable SourceException byNumber(SQLException e, ServerAccess access) {
        return ServerErrors.known(e.getErrorCode(), e.getMessage(), access, e);
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
        return ServerErrors.of(e.getErrorCode(), e.getSQLState(), e.getMessage(), access, e);
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
