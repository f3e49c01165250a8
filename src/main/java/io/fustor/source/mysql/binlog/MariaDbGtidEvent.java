package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.MariaDbGtid;

/// MariaDB's GTID event at the start of each transaction, as far as the reader needs it.
///
/// Source: MariaDB's `Gtid_log_event`: sequence number (8 bytes), domain (4), flags (1), then
/// according to the flags the number of a group commit (8) and the name of an XA transaction, then
/// a byte of further flags, which older servers leave 0.
///
/// @param gtid its server is the one in the event's header
/// @param flags `FL_STANDALONE` and so on
/// @param extraFlags `FL_START_ALTER_E1` and so on
record MariaDbGtidEvent(MariaDbGtid gtid, int flags, int extraFlags) {

    private static final int STANDALONE = 1;
    private static final int GROUP_COMMIT_ID = 2;
    private static final int PREPARED_XA = 64;
    private static final int COMPLETED_XA = 128;

    private static final int START_ALTER = 2;
    private static final int ROLLBACK_ALTER = 8;

    private static final int GROUP_COMMIT_ID_BYTES = 8;
    private static final int XA_FORMAT_BYTES = 4;

    /// @param event with the cursor at its body; the cursor does not move
    static MariaDbGtidEvent read(EventBytes event) {
        long number = event.number(8);
        long domain = event.number(4);
        int flags = event.unsignedByte();
        if ((flags & GROUP_COMMIT_ID) != 0) {
            event.skip(GROUP_COMMIT_ID_BYTES);
        }
        if ((flags & (PREPARED_XA | COMPLETED_XA)) != 0) {
            event.skip(XA_FORMAT_BYTES);
            event.skip(event.unsignedByte() + event.unsignedByte());
        }
        int extraFlags = event.remaining() > 0 ? event.unsignedByte() : 0;
        event.rewind();
        MariaDbGtid gtid = new MariaDbGtid(domain, event.serverId(), number);
        return new MariaDbGtidEvent(gtid, flags, extraFlags);
    }

    /// Whether the transaction is a single statement without a commit event.
    boolean isStandalone() {
        return (flags & STANDALONE) != 0;
    }

    boolean isXa() {
        return (flags & (PREPARED_XA | COMPLETED_XA)) != 0;
    }

    /// Whether its statement has no effect here: an `ALTER` that only begins, or that failed
    /// (`binlog_alter_two_phase`). A successful one is repeated as another transaction.
    boolean isWithoutEffect() {
        return (extraFlags & (START_ALTER | ROLLBACK_ALTER)) != 0;
    }
}
