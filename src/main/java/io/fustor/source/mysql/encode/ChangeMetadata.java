package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Gtid;
import java.nio.charset.StandardCharsets;

/// What stands after the rows in a change of the format `fustor`: where and when it was made. What
/// all events of a transaction say alike is written once for each.
///
/// For one thread at a time.
final class ChangeMetadata {

    private static final byte[] INDEX = ascii("],\"index\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] REALTIME = ascii(",\"message_source\":\"realtime\",\"metadata\":{");
    private static final byte[] KEY_CHANGED = ascii(",\"key_changed\":true");
    private static final byte[] ENTERED = ascii(",\"entered\":true");
    private static final byte[] LEFT = ascii(",\"left\":true");
    private static final byte[] OVERLAP = ascii(",\"overlap\":true");
    private static final byte[] POSITION = ascii(",\"position\":");
    private static final byte[] SERVER_ID = ascii(",\"server_id\":");
    private static final byte[] FIRST_ROW = ascii(",\"first_row\":");

    /// When the transaction was committed; empty where each event has a time of its own.
    private final JsonBuffer committed = new JsonBuffer(128);

    private final JsonBuffer gtidAndFile = new JsonBuffer(256);
    private final JsonBuffer id = new JsonBuffer(128);

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// The changes that follow are of this transaction.
    void enter(Transaction transaction) {
        committed.reset();
        if (transaction.committedMicros() != 0) {
            committed.write(TIMESTAMP);
            timestamp(transaction.committedMicros(), committed);
            committed.write(REALTIME);
        }
        gtidAndFile.reset();
        gtidAndFile(transaction, gtidAndFile);
        id.reset();
        id(transaction, id);
        id.write(FIRST_ROW);
    }

    /// Writes it, from the end of the rows to the end of the change.
    ///
    /// @param firstRow of the change, counted in its transaction
    /// @param keyChanged whether one of its updates gave a row another key
    /// @param crossing whether its rows crossed the bounds of the condition
    /// @param inOverlap whether the change may be in a snapshot's rows too
    void write(
            RowsEvent event,
            TablePlan plan,
            long firstRow,
            boolean keyChanged,
            Crossing crossing,
            boolean inOverlap,
            JsonBuffer out) {
        out.write(INDEX);
        long end = event.origin().endOffset();
        out.number(BinlogPosition.index(event.transaction().start().fileNumber(), end));
        if (committed.size() > 0) {
            out.append(committed);
        } else {
            out.write(TIMESTAMP);
            out.number(event.timestamp());
            out.write(REALTIME);
        }
        out.write(plan.keyMetadata());
        out.append(gtidAndFile);
        out.number(end);
        out.write(SERVER_ID);
        out.number(event.origin().serverId());
        out.append(id);
        out.number(firstRow);
        out.put('}');
        if (keyChanged) {
            out.write(KEY_CHANGED);
        }
        switch (crossing) {
            case NONE -> {
                // Nothing is said.
            }
            case ENTERED -> out.write(ENTERED);
            case LEFT -> out.write(LEFT);
        }
        if (inOverlap) {
            out.write(OVERLAP);
        }
        out.ascii("}}");
    }

    /// Writes the GTID and the file of a transaction, up to the position in the file.
    static void gtidAndFile(Transaction of, JsonBuffer out) {
        out.ascii(",\"gtid\":");
        Gtid gtid = of.gtid();
        if (gtid == null) {
            out.ascii("null");
        } else {
            out.string(gtid.toString());
        }
        out.ascii(",\"file\":");
        out.string(of.file());
        out.write(POSITION);
    }

    /// Writes the beginning of what is said of a transaction: its id.
    static void id(Transaction of, JsonBuffer out) {
        out.ascii(",\"transaction\":{\"id\":");
        out.string(of.id());
    }

    /// Writes what is said of a truncation, up to the end of its JSON.
    static void truncation(TruncateEvent event, JsonBuffer out) {
        out.ascii("\"event_schema\":");
        out.string(event.table().schema());
        out.ascii(",\"table\":");
        out.string(event.table().table());
        id(event.transaction(), out);
        out.put('}');
        timestamp(event, out);
        out.put('}');
    }

    /// Writes when an event was made: seconds since 1970, with six digits after the point where the
    /// binlog has microseconds.
    static void timestamp(BinlogEvent event, JsonBuffer out) {
        out.write(TIMESTAMP);
        long micros = event.transaction().committedMicros();
        if (micros == 0) {
            out.number(event.timestamp());
        } else {
            timestamp(micros, out);
        }
    }

    private static void timestamp(long micros, JsonBuffer out) {
        out.number(micros / 1_000_000);
        out.put('.');
        int digits = (int) (micros % 1_000_000);
        for (int unit = 100_000; unit > 0; unit /= 10) {
            out.put((char) ('0' + digits / unit % 10));
        }
    }
}
