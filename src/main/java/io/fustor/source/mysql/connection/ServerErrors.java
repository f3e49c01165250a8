package io.fustor.source.mysql.connection;

import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_ABORTING_CONNECTION;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_ACCESS_DENIED_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_ACCESS_DENIED_NO_PASSWORD_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_ACCOUNT_HAS_BEEN_LOCKED;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_CLIENT_INTERACTION_TIMEOUT;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_COLUMNACCESS_DENIED_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_CON_COUNT_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_DBACCESS_DENIED_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_HOST_IS_BLOCKED;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_HOST_NOT_PRIVILEGED;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_LOCK_NOWAIT;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_LOCK_WAIT_TIMEOUT;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_MUST_CHANGE_PASSWORD;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_MUST_CHANGE_PASSWORD_LOGIN;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_NET_ERROR_ON_WRITE;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_NET_READ_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_NET_READ_INTERRUPTED;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_NET_WRITE_INTERRUPTED;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_NOT_SUPPORTED_AUTH_MODE;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_PARSE_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_PLUGIN_IS_NOT_LOADED;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_PROCACCESS_DENIED_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_SECURE_TRANSPORT_REQUIRED;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_SERVER_SHUTDOWN;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_SESSION_WAS_KILLED;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_SPECIFIC_ACCESS_DENIED_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_SYNTAX_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_TABLEACCESS_DENIED_ERROR;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_TOO_MANY_USER_CONNECTIONS;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK;
import static com.mysql.cj.exceptions.MysqlErrorNumbers.ER_USER_LIMIT_REACHED;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Maps a server's error numbers to failures, for statements, SQL logins and replication
/// connections. No other class maps an error number to a [FailureCode]. Source of the numbers:
/// 'Server Error Message Reference' of MySQL's manual and 'MariaDB Error Codes' of MariaDB's.
public final class ServerErrors {

    /// MariaDB only; the driver uses the number for an error of MySQL's bulk loader.
    private static final int MARIADB_ACCOUNT_LOCKED = 4151;

    /// MariaDB only.
    private static final int MARIADB_CONNECTION_KILLED = 1927;

    private ServerErrors() {}

    /// The failure for an error of the server.
    ///
    /// @param number the server's error number
    /// @param state the SQL state, or null
    /// @param words the server's message, or null
    /// @param cause the exception of the connection
    public static SourceException of(
            int number,
            @Nullable String state,
            @Nullable String words,
            ServerAccess access,
            Exception cause) {
        SourceException known = known(number, words, access, cause);
        return known != null
                ? known
                : new SourceException(
                        FailureCode.SERVER_ERROR,
                        "%s answered with error %d (%s): %s"
                                .formatted(access.address(), number, state, said(number, words)),
                        cause);
    }

    /// As [#of], or null if the number has no code of its own.
    static @Nullable SourceException known(
            int number, @Nullable String words, ServerAccess access, Exception cause) {
        FailureCode code = code(number);
        return code == FailureCode.SERVER_ERROR
                ? null
                : new SourceException(code, detail(code, said(number, words), access), cause);
    }

    /// The code of an error number; `SERVER_ERROR` if it has none of its own.
    public static FailureCode code(int number) {
        return switch (number) {
            case ER_ACCESS_DENIED_ERROR,
                    ER_HOST_NOT_PRIVILEGED,
                    ER_NOT_SUPPORTED_AUTH_MODE,
                    ER_PLUGIN_IS_NOT_LOADED,
                    ER_ACCESS_DENIED_NO_PASSWORD_ERROR,
                    ER_MUST_CHANGE_PASSWORD,
                    ER_MUST_CHANGE_PASSWORD_LOGIN,
                    ER_ACCOUNT_HAS_BEEN_LOCKED,
                    ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK,
                    MARIADB_ACCOUNT_LOCKED ->
                    FailureCode.ACCESS_DENIED;
            case ER_DBACCESS_DENIED_ERROR,
                    ER_TABLEACCESS_DENIED_ERROR,
                    ER_COLUMNACCESS_DENIED_ERROR,
                    ER_SPECIFIC_ACCESS_DENIED_ERROR,
                    ER_PROCACCESS_DENIED_ERROR ->
                    FailureCode.PRIVILEGE_MISSING;
            case ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED ->
                    FailureCode.TOO_MANY_CONNECTIONS;
            case ER_HOST_IS_BLOCKED -> FailureCode.HOST_BLOCKED;
            case ER_SECURE_TRANSPORT_REQUIRED -> FailureCode.TLS_REQUIRED;
            case ER_LOCK_WAIT_TIMEOUT, ER_LOCK_NOWAIT -> FailureCode.TABLE_LOCKED;
            case ER_SERVER_SHUTDOWN,
                    ER_ABORTING_CONNECTION,
                    ER_NET_READ_ERROR,
                    ER_NET_READ_INTERRUPTED,
                    ER_NET_ERROR_ON_WRITE,
                    ER_NET_WRITE_INTERRUPTED,
                    MARIADB_CONNECTION_KILLED,
                    ER_SESSION_WAS_KILLED,
                    ER_CLIENT_INTERACTION_TIMEOUT ->
                    FailureCode.CONNECTION_LOST;
            default -> FailureCode.SERVER_ERROR;
        };
    }

    private static String detail(FailureCode code, String said, ServerAccess access) {
        String server = access.address().toString();
        String user = access.credential().user();
        return switch (code) {
            case ACCESS_DENIED -> server + " denied access: " + said;
            case PRIVILEGE_MISSING ->
                    "the user " + user + " lacks a privilege at " + server + ": " + said;
            case TOO_MANY_CONNECTIONS -> server + " has no free connection: " + said;
            case HOST_BLOCKED ->
                    server
                            + " blocks this host after many failed connections; run TRUNCATE TABLE"
                            + " performance_schema.host_cache there";
            case TLS_REQUIRED ->
                    server
                            + " accepts encrypted connections only; set fustor.mysql.tls to"
                            + " preferred or required";
            case TABLE_LOCKED ->
                    "another session at "
                            + server
                            + " holds a lock that the statement waits for: "
                            + said;
            case CONNECTION_LOST -> "the connection to " + server + " was ended: " + said;
            default -> throw new IllegalArgumentException(code + " is not told by a number");
        };
    }

    /// The server's message, unless it quotes the statement.
    static String said(int number, @Nullable String message) {
        if (number == ER_PARSE_ERROR || number == ER_SYNTAX_ERROR) {
            return "it could not parse a statement";
        }
        String words = Objects.requireNonNullElse(message, "it gave no reason");
        // `SUPER` would also do, as the server says, but it is far more than a source should have.
        return Printable.of(words.replace("the SUPER, ", "the ").replace(", SUPER ", " "));
    }
}
