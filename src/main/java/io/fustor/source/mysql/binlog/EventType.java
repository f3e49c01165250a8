package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.Operation;
import org.jspecify.annotations.Nullable;

/// Type codes of binlog events, from the server's `mysql::binlog::event::Log_event_type` and
/// MariaDB's `Log_event_type`. Plain numbers, because the reader switches on the byte.
final class EventType {

    static final int QUERY = 2;
    static final int STOP = 3;
    static final int ROTATE = 4;
    static final int INTVAR = 5;
    static final int LOAD = 6;
    static final int CREATE_FILE = 8;
    static final int APPEND_BLOCK = 9;
    static final int EXEC_LOAD = 10;
    static final int DELETE_FILE = 11;
    static final int NEW_LOAD = 12;
    static final int RAND = 13;
    static final int USER_VAR = 14;
    static final int FORMAT_DESCRIPTION = 15;
    static final int XID = 16;
    static final int BEGIN_LOAD_QUERY = 17;
    static final int EXECUTE_LOAD_QUERY = 18;
    static final int TABLE_MAP = 19;
    static final int WRITE_ROWS_V1 = 23;
    static final int UPDATE_ROWS_V1 = 24;
    static final int DELETE_ROWS_V1 = 25;
    static final int INCIDENT = 26;
    static final int HEARTBEAT = 27;
    static final int IGNORABLE = 28;
    static final int ROWS_QUERY = 29;
    static final int WRITE_ROWS = 30;
    static final int UPDATE_ROWS = 31;
    static final int DELETE_ROWS = 32;
    static final int GTID = 33;
    static final int ANONYMOUS_GTID = 34;
    static final int PREVIOUS_GTIDS = 35;
    static final int TRANSACTION_CONTEXT = 36;
    static final int VIEW_CHANGE = 37;
    static final int XA_PREPARE = 38;
    static final int PARTIAL_UPDATE_ROWS = 39;
    static final int TRANSACTION_PAYLOAD = 40;
    static final int HEARTBEAT_V2 = 41;
    static final int GTID_TAGGED = 42;
    static final int MARIADB_ANNOTATE_ROWS = 160;
    static final int MARIADB_BINLOG_CHECKPOINT = 161;
    static final int MARIADB_GTID = 162;
    static final int MARIADB_GTID_LIST = 163;
    static final int MARIADB_START_ENCRYPTION = 164;
    static final int MARIADB_QUERY_COMPRESSED = 165;
    static final int MARIADB_WRITE_ROWS_COMPRESSED_V1 = 166;
    static final int MARIADB_UPDATE_ROWS_COMPRESSED_V1 = 167;
    static final int MARIADB_WRITE_ROWS_COMPRESSED = 169;
    static final int MARIADB_UPDATE_ROWS_COMPRESSED = 170;
    static final int MARIADB_DELETE_ROWS_COMPRESSED = 171;

    private EventType() {}

    /// What a rows event does to its rows; null for all other types.
    static @Nullable Operation operation(int type) {
        return switch (type) {
            case WRITE_ROWS, WRITE_ROWS_V1 -> Operation.INSERT;
            case UPDATE_ROWS, UPDATE_ROWS_V1 -> Operation.UPDATE;
            case DELETE_ROWS, DELETE_ROWS_V1 -> Operation.DELETE;
            default -> null;
        };
    }
}
