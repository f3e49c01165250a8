package io.fustor.source.mysql.state;

import com.mysql.cj.jdbc.exceptions.PacketTooBigException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.TransactionException;

/// Distinguishes invalid values from failures of the state database. An invalid value concerns only
/// the request that sent it, never the health of the service.
final class StateErrors {

    /// SQL states of wrong values: cardinality, data, constraints.
    private static final Set<String> OF_VALUES = Set.of("21", "22", "23");

    private static final int TRUNCATED_WRONG_VALUE = 1366;
    private static final int PACKET_TOO_LARGE = 1153;
    private static final int ROW_TOO_LARGE = 1118;

    private StateErrors() {}

    /// The exception as one about a value, or null if the database failed.
    static @Nullable DataIntegrityViolationException unfitValue(Throwable e) {
        if (e instanceof DataIntegrityViolationException known) {
            return known;
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException failure && isOfValue(failure)) {
                return new DataIntegrityViolationException("a value does not fit", e);
            }
        }
        return null;
    }

    private static boolean isOfValue(SQLException e) {
        if (e instanceof PacketTooBigException) {
            return true;
        }
        String state = e.getSQLState();
        return switch (e.getErrorCode()) {
            case TRUNCATED_WRONG_VALUE, PACKET_TOO_LARGE, ROW_TOO_LARGE -> true;
            default ->
                    state != null
                            && OF_VALUES.contains(state.substring(0, Math.min(2, state.length())));
        };
    }

    /// Whether the database failed, rather than the code that called it.
    static boolean isOfDatabase(Throwable e) {
        if (unfitValue(e) != null) {
            return false;
        }
        if (e instanceof TransactionException) {
            return true;
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException) {
                return true;
            }
        }
        return false;
    }
}
