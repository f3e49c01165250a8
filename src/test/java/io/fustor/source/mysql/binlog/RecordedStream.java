package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.TestMySql;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/// The events that a server sent to a replica, as they were on the wire, and where they begin.
///
/// @param events each with its header and, where the server writes one, its checksum
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RecordedStream(
        ServerAccess access, BinlogStart.AtPosition start, List<byte[]> events) {

    private static final int LARGEST_PART = 0xFF_FFFF;

    /// Runs statements on one connection, and takes down what they leave in the binlog.
    public static RecordedStream of(TestMySql mysql, List<String> statements) {
        ServerAccess access = ReadRows.access(mysql);
        try (MySqlServer server = new MySqlServer(access)) {
            BinlogStatus from = server.status();
            mysql.execute(statements.toArray(String[]::new));
            BinlogStatus to = server.status();
            try (ReplicationConnection connection = ReplicationConnection.open(access)) {
                connection.dump(from.position());
                var start = new BinlogStart.AtPosition(from.place(), from.position().file());
                return new RecordedStream(access, start, read(connection, to));
            }
        }
    }

    private static List<byte[]> read(ReplicationConnection connection, BinlogStatus to) {
        List<byte[]> events = new ArrayList<>();
        EventBytes event = new EventBytes();
        String file = "";
        boolean atEnd = false;
        while (!atEnd) {
            if (!connection.next(event, false)) {
                continue;
            }
            byte[] bytes = copy(event);
            if (connection.isBegun()) {
                bytes = whole(connection, event, bytes);
            }
            events.add(bytes);
            if (event.type() == EventType.ROTATE) {
                event.cutChecksumIfAny();
                event.skip(8);
                file = event.text(event.remaining());
            }
            atEnd =
                    file.equals(to.position().file())
                            && event.endPosition() == to.position().offset();
        }
        return events;
    }

    private static byte[] whole(
            ReplicationConnection connection, EventBytes event, byte[] beginning) {
        byte[] whole = Arrays.copyOf(beginning, (int) event.size());
        for (int read = beginning.length; read < whole.length; ) {
            read += connection.readOn(whole, read, whole.length - read);
        }
        event.begin(whole, 0, whole.length);
        return whole;
    }

    private static byte[] copy(EventBytes event) {
        int start = event.cursor() - EventBytes.HEADER;
        return Arrays.copyOfRange(event.array(), start, event.end());
    }

    public static int type(byte[] event) {
        return event[4] & 0xFF;
    }

    /// The events as packets of the protocol, without an end of the stream.
    static byte[] packets(List<byte[]> events) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int sequence = 1;
        for (byte[] event : events) {
            int from = -1;
            int length;
            do {
                length = Math.min(LARGEST_PART, event.length - from);
                out.write(length);
                out.write(length >> 8);
                out.write(length >> 16);
                out.write(sequence++);
                if (from < 0) {
                    out.write(0);
                }
                out.write(event, Math.max(from, 0), length + Math.min(from, 0));
                from += length;
            } while (length == LARGEST_PART);
        }
        return out.toByteArray();
    }

    /// Writes the right checksum to an event's end.
    static void seal(byte[] event) {
        CRC32 crc = new CRC32();
        crc.update(event, 0, event.length - 4);
        number(event, event.length - 4, (int) crc.getValue());
    }

    /// Writes four bytes, the low one first.
    static void number(byte[] event, int at, int value) {
        for (int i = 0; i < 4; i++) {
            event[at + i] = (byte) (value >> (8 * i));
        }
    }

    /// Reads four bytes, the low one first.
    static int number(byte[] event, int at) {
        int value = 0;
        for (int i = 3; i >= 0; i--) {
            value = value << 8 | (event[at + i] & 0xFF);
        }
        return value;
    }
}
