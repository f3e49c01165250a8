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
    SERVER_ID_TAKEN(Recovery.RETRY),
    SERVER_ERROR(Recovery.RETRY),
    BINLOG_DISABLED(Recovery.STOP),
    POSITION_PURGED(Recovery.REPOSITION),
    POSITION_AHEAD(Recovery.REPOSITION),
    FOREIGN_SERVER(Recovery.REPOSITION),
    METADATA_MISSING(Recovery.STOP),
    STATEMENT_FORMAT(Recovery.STOP),
    PARTIAL_JSON(Recovery.STOP),
    XA_TRANSACTION(Recovery.STOP),
    UNSUPPORTED_EVENT(Recovery.STOP),
    UNSUPPORTED_TYPE(Recovery.STOP),
    CORRUPT_EVENT(Recovery.STOP),
    INCIDENT(Recovery.STOP),
    INTERNAL(Recovery.STOP);

    private final Recovery recovery;

    FailureCode(Recovery recovery) {
        this.recovery = recovery;
    }

    /// The reaction that this failure asks for.
    public Recovery recovery() {
        return recovery;
    }
}
