package io.fustor.source.mysql.error;

/// Every failure that the service tells apart. `docs/errors.md` has a section for each: what it
/// means and what to do.
public enum FailureCode {
    HOST_UNKNOWN(Recovery.RETRY),
    HOST_FORBIDDEN(Recovery.STOP),
    CONNECTION_REFUSED(Recovery.RETRY),
    CONNECT_TIMEOUT(Recovery.RETRY),
    CONNECTION_LOST(Recovery.RETRY),
    SERVER_STALLED(Recovery.RETRY),
    NOT_MYSQL(Recovery.STOP),
    ACCESS_DENIED(Recovery.STOP),
    PRIVILEGE_MISSING(Recovery.STOP),
    TLS_REQUIRED(Recovery.STOP),
    TLS_FAILED(Recovery.STOP),
    TOO_MANY_CONNECTIONS(Recovery.RETRY),
    HOST_BLOCKED(Recovery.STOP),
    SERVER_ERROR(Recovery.RETRY),
    BINLOG_DISABLED(Recovery.STOP),
    POSITION_PURGED(Recovery.REPOSITION),
    POSITION_AHEAD(Recovery.REPOSITION),
    SERVER_LAGS(Recovery.RETRY),
    FOREIGN_SERVER(Recovery.REPOSITION),
    TABLE_CHANGED(Recovery.REPOSITION),
    METADATA_MISSING(Recovery.STOP),
    SCHEMA_UNKNOWN(Recovery.STOP),
    STATEMENT_FORMAT(Recovery.STOP),
    PARTIAL_JSON(Recovery.STOP),
    XA_TRANSACTION(Recovery.STOP),
    UNSUPPORTED_EVENT(Recovery.STOP),
    UNSUPPORTED_TYPE(Recovery.STOP),
    CORRUPT_EVENT(Recovery.STOP),
    INCIDENT(Recovery.STOP),
    STATE_UNAVAILABLE(Recovery.RETRY),
    INTERNAL(Recovery.STOP);

    private final Recovery recovery;

    FailureCode(Recovery recovery) {
        this.recovery = recovery;
    }

    /// Whether the failure is over as soon as the server, or the state database, lets us in and
    /// answers; the others are about something that stands in the binlog.
    public boolean isAboutServer() {
        return switch (this) {
            case HOST_UNKNOWN,
                    HOST_FORBIDDEN,
                    CONNECTION_REFUSED,
                    CONNECT_TIMEOUT,
                    CONNECTION_LOST,
                    SERVER_STALLED,
                    NOT_MYSQL,
                    ACCESS_DENIED,
                    PRIVILEGE_MISSING,
                    TLS_REQUIRED,
                    TLS_FAILED,
                    TOO_MANY_CONNECTIONS,
                    HOST_BLOCKED,
                    SERVER_ERROR,
                    BINLOG_DISABLED,
                    STATE_UNAVAILABLE ->
                    true;
            case POSITION_PURGED,
                    POSITION_AHEAD,
                    SERVER_LAGS,
                    FOREIGN_SERVER,
                    TABLE_CHANGED,
                    METADATA_MISSING,
                    SCHEMA_UNKNOWN,
                    STATEMENT_FORMAT,
                    PARTIAL_JSON,
                    XA_TRANSACTION,
                    UNSUPPORTED_EVENT,
                    UNSUPPORTED_TYPE,
                    CORRUPT_EVENT,
                    INCIDENT,
                    INTERNAL ->
                    false;
        };
    }

    /// Whether nobody answers at the server's address, so that waiting is over as soon as somebody
    /// does.
    public boolean isUnreachable() {
        return switch (this) {
            case HOST_UNKNOWN,
                    CONNECTION_REFUSED,
                    CONNECT_TIMEOUT,
                    CONNECTION_LOST,
                    SERVER_STALLED ->
                    true;
            case HOST_FORBIDDEN,
                    NOT_MYSQL,
                    ACCESS_DENIED,
                    PRIVILEGE_MISSING,
                    TLS_REQUIRED,
                    TLS_FAILED,
                    TOO_MANY_CONNECTIONS,
                    HOST_BLOCKED,
                    SERVER_ERROR,
                    BINLOG_DISABLED,
                    POSITION_PURGED,
                    POSITION_AHEAD,
                    SERVER_LAGS,
                    FOREIGN_SERVER,
                    TABLE_CHANGED,
                    METADATA_MISSING,
                    SCHEMA_UNKNOWN,
                    STATEMENT_FORMAT,
                    PARTIAL_JSON,
                    XA_TRANSACTION,
                    UNSUPPORTED_EVENT,
                    UNSUPPORTED_TYPE,
                    CORRUPT_EVENT,
                    INCIDENT,
                    STATE_UNAVAILABLE,
                    INTERNAL ->
                    false;
        };
    }

    /// The reaction that this failure asks for.
    public Recovery recovery() {
        return recovery;
    }
}
