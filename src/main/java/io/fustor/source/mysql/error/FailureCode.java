package io.fustor.source.mysql.error;

import io.swagger.v3.oas.annotations.media.Schema;

/// Every failure that the service distinguishes. `docs/errors.md` has a section for each code: what
/// it means and what to do.
@Schema(name = "FailureCode", enumAsRef = true)
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
    ANSWER_REFUSED(Recovery.RETRY),
    BINLOG_DISABLED(Recovery.STOP),
    POSITION_PURGED(Recovery.REPOSITION),
    POSITION_AHEAD(Recovery.REPOSITION),
    SERVER_LAGS(Recovery.RETRY),
    FOREIGN_SERVER(Recovery.REPOSITION),
    TABLE_CHANGED(Recovery.REPOSITION),
    TABLE_LOCKED(Recovery.RETRY),
    TABLE_UNREADABLE(Recovery.STOP),
    METADATA_MISSING(Recovery.STOP),
    SCHEMA_UNKNOWN(Recovery.STOP),
    STATEMENT_FORMAT(Recovery.STOP),
    PARTIAL_JSON(Recovery.STOP),
    XA_TRANSACTION(Recovery.STOP),
    UNSUPPORTED_EVENT(Recovery.STOP),
    UNSUPPORTED_TYPE(Recovery.STOP),
    CORRUPT_EVENT(Recovery.STOP),
    ROW_IMAGE_INCOMPLETE(Recovery.STOP),
    CONDITION_UNFIT(Recovery.STOP),
    INCIDENT(Recovery.STOP),
    KAFKA_UNAVAILABLE(Recovery.RETRY),
    KAFKA_REFUSED(Recovery.STOP),
    KAFKA_POSITION_MISSING(Recovery.STOP),
    KAFKA_TOPIC_LOST(Recovery.STOP),
    KAFKA_OTHER_CLUSTER(Recovery.STOP),
    KAFKA_RECORD_TOO_LARGE(Recovery.STOP),
    STATE_UNAVAILABLE(Recovery.RETRY),
    LIBRARY_MISSING(Recovery.STOP),
    HEAP_FULL(Recovery.RETRY),
    READER_STALLED(Recovery.STOP),
    INTERNAL(Recovery.STOP);

    private final Recovery recovery;

    FailureCode(Recovery recovery) {
        this.recovery = recovery;
    }

    /// Whether the failure ends as soon as the server, or the state database, accepts connections
    /// and answers. All other failures concern the contents of the binlog.
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
                    ANSWER_REFUSED,
                    BINLOG_DISABLED,
                    STATE_UNAVAILABLE ->
                    true;
            case POSITION_PURGED,
                    POSITION_AHEAD,
                    SERVER_LAGS,
                    FOREIGN_SERVER,
                    TABLE_CHANGED,
                    TABLE_LOCKED,
                    TABLE_UNREADABLE,
                    METADATA_MISSING,
                    SCHEMA_UNKNOWN,
                    STATEMENT_FORMAT,
                    PARTIAL_JSON,
                    XA_TRANSACTION,
                    UNSUPPORTED_EVENT,
                    UNSUPPORTED_TYPE,
                    CORRUPT_EVENT,
                    ROW_IMAGE_INCOMPLETE,
                    CONDITION_UNFIT,
                    INCIDENT,
                    KAFKA_UNAVAILABLE,
                    KAFKA_REFUSED,
                    KAFKA_POSITION_MISSING,
                    KAFKA_TOPIC_LOST,
                    KAFKA_OTHER_CLUSTER,
                    KAFKA_RECORD_TOO_LARGE,
                    LIBRARY_MISSING,
                    HEAP_FULL,
                    READER_STALLED,
                    INTERNAL ->
                    false;
        };
    }

    /// Whether the server's address does not answer. Waiting ends as soon as it does.
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
                    ANSWER_REFUSED,
                    BINLOG_DISABLED,
                    POSITION_PURGED,
                    POSITION_AHEAD,
                    SERVER_LAGS,
                    FOREIGN_SERVER,
                    TABLE_CHANGED,
                    TABLE_LOCKED,
                    TABLE_UNREADABLE,
                    METADATA_MISSING,
                    SCHEMA_UNKNOWN,
                    STATEMENT_FORMAT,
                    PARTIAL_JSON,
                    XA_TRANSACTION,
                    UNSUPPORTED_EVENT,
                    UNSUPPORTED_TYPE,
                    CORRUPT_EVENT,
                    ROW_IMAGE_INCOMPLETE,
                    CONDITION_UNFIT,
                    INCIDENT,
                    KAFKA_UNAVAILABLE,
                    KAFKA_REFUSED,
                    KAFKA_POSITION_MISSING,
                    KAFKA_TOPIC_LOST,
                    KAFKA_OTHER_CLUSTER,
                    KAFKA_RECORD_TOO_LARGE,
                    STATE_UNAVAILABLE,
                    LIBRARY_MISSING,
                    HEAP_FULL,
                    READER_STALLED,
                    INTERNAL ->
                    false;
        };
    }

    /// The reaction to this failure.
    public Recovery recovery() {
        return recovery;
    }

    /// Whether the words of such a failure name places in a binlog and the service itself at most:
    /// no table, no server and no user.
    boolean tellsPlacesOnly() {
        return switch (this) {
            case POSITION_PURGED, POSITION_AHEAD, SERVER_LAGS, HEAP_FULL -> true;
            default -> false;
        };
    }
}
