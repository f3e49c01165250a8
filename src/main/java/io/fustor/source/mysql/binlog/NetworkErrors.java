package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.network.AuthenticationException;
import com.github.shyiko.mysql.binlog.network.ServerException;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.ServerAccess;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/// Turns what goes wrong on a replication connection into a [SourceException], by error number and
/// class. Source of the numbers: the manual's 'Server Error Message Reference'.
final class NetworkErrors {

    private static final int CON_COUNT = 1040;
    private static final int DBACCESS_DENIED = 1044;
    private static final int ACCESS_DENIED = 1045;
    private static final int SERVER_SHUTDOWN = 1053;
    private static final int HOST_IS_BLOCKED = 1129;
    private static final int HOST_NOT_PRIVILEGED = 1130;
    private static final int USER_LIMIT_REACHED = 1226;
    private static final int SPECIFIC_ACCESS_DENIED = 1227;
    private static final int TOO_MANY_USER_CONNECTIONS = 1203;
    private static final int SECURE_TRANSPORT_REQUIRED = 3159;
    private static final int ACCESS_DENIED_NO_PASSWORD = 1698;

    private NetworkErrors() {}

    static SourceException translate(IOException failure, ServerAccess access) {
        String server = access.address().toString();
        return switch (failure) {
            case AuthenticationException e when e.getErrorCode() != 0 ->
                    serverError(e, e.getErrorCode(), server);
            case AuthenticationException e ->
                    new SourceException(
                            FailureCode.ACCESS_DENIED,
                            "cannot log in at "
                                    + server
                                    + " as "
                                    + access.credential().user()
                                    + ": "
                                    + e.getMessage(),
                            e);
            case ServerException e -> serverError(e, e.getErrorCode(), server);
            case ConnectException e ->
                    new SourceException(
                            FailureCode.CONNECTION_REFUSED, server + " refuses connections", e);
            case SocketTimeoutException e ->
                    new SourceException(
                            FailureCode.CONNECT_TIMEOUT,
                            server
                                    + " did not answer within "
                                    + access.connection().connectTimeout().toMillis() / 1000.0
                                    + " s",
                            e);
            case SSLException e when isBrokenOff(e) -> lost(e, access);
            case SSLException e ->
                    new SourceException(
                            FailureCode.TLS_FAILED,
                            "no encrypted connection to "
                                    + server
                                    + " with fustor.mysql.tls="
                                    + mode(access)
                                    + ": "
                                    + e.getMessage(),
                            e);
            default -> lost(failure, access);
        };
    }

    private static String mode(ServerAccess access) {
        return access.connection().tls().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// A connection that carried a stream already: whatever ended it, a new one may be had. Changed
    /// bytes are among it, which TLS tells from the right ones.
    static SourceException lost(IOException failure, ServerAccess access) {
        return new SourceException(
                FailureCode.CONNECTION_LOST,
                "the connection to " + access.address() + " was lost",
                failure);
    }

    /// The handshake of TLS did not fail, its connection did.
    private static boolean isBrokenOff(SSLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof EOFException
                    || cause instanceof SocketException
                    || cause instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }

    private static SourceException serverError(IOException e, int number, String server) {
        FailureCode code =
                switch (number) {
                    case ACCESS_DENIED, ACCESS_DENIED_NO_PASSWORD, HOST_NOT_PRIVILEGED ->
                            FailureCode.ACCESS_DENIED;
                    case DBACCESS_DENIED, SPECIFIC_ACCESS_DENIED -> FailureCode.PRIVILEGE_MISSING;
                    case CON_COUNT, TOO_MANY_USER_CONNECTIONS, USER_LIMIT_REACHED ->
                            FailureCode.TOO_MANY_CONNECTIONS;
                    case HOST_IS_BLOCKED -> FailureCode.HOST_BLOCKED;
                    case SECURE_TRANSPORT_REQUIRED -> FailureCode.TLS_REQUIRED;
                    case SERVER_SHUTDOWN -> FailureCode.CONNECTION_LOST;
                    default -> FailureCode.SERVER_ERROR;
                };
        return new SourceException(
                code, server + " answers with error " + number + ": " + e.getMessage(), e);
    }
}
