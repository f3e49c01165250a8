package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.network.AuthenticationException;
import com.github.shyiko.mysql.binlog.network.ServerException;
import com.github.shyiko.mysql.binlog.network.protocol.ErrorPacket;
import io.fustor.source.mysql.connection.AnswerRefusedException;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerErrors;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Translates failures of a replication connection into a [SourceException], by the server's error
/// number ([ServerErrors]) and the exception's class.
final class NetworkErrors {

    /// The first byte of a packet that holds an error.
    static final int ERROR = 0xFF;

    private NetworkErrors() {}

    /// The error that a packet holds, or null.
    ///
    /// @throws IOException if the error is malformed
    static @Nullable ServerException errorIn(byte[] packet) throws IOException {
        if (packet.length <= 2 || (packet[0] & 0xFF) != ERROR) {
            return null;
        }
        ErrorPacket error = new ErrorPacket(Arrays.copyOfRange(packet, 1, packet.length));
        return new ServerException(
                error.getErrorMessage(), error.getErrorCode(), error.getSqlState());
    }

    /// @throws SourceException if a packet holds an error
    static void throwIfError(byte[] packet, ServerAccess access) throws IOException {
        ServerException error = errorIn(packet);
        if (error != null) {
            throw translate(error, access);
        }
    }

    static SourceException translate(IOException failure, ServerAccess access) {
        String server = access.address().toString();
        SourceException refusal = AnswerRefusedException.in(failure);
        if (refusal != null) {
            return refusal;
        }
        return switch (failure) {
            case AuthenticationException e when e.getErrorCode() != 0 ->
                    ServerErrors.of(e.getErrorCode(), e.getSqlState(), e.getMessage(), access, e);
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
            case ServerException e ->
                    ServerErrors.of(e.getErrorCode(), e.getSqlState(), e.getMessage(), access, e);
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

    /// The failure of an established connection: whatever ended it, a new connection may succeed.
    /// This includes changed bytes, which TLS detects.
    static SourceException lost(IOException failure, ServerAccess access) {
        return new SourceException(
                FailureCode.CONNECTION_LOST,
                "the connection to " + access.address() + " was lost",
                failure);
    }

    /// The connection failed, not the TLS handshake.
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
}
