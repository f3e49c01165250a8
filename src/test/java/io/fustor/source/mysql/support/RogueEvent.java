package io.fustor.source.mysql.support;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Each event of a binlog at its extremes, as answers to the request for one. Source: the server's
/// `binlog_event.h` and `rows_event.h`.
public enum RogueEvent {
    FILE_NAME_OF_900_KB {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.artificial(ROTATE, bytes(8, "b".repeat(900_000) + ".000001"));
        }
    },
    FILE_NAME_OF_16_MB {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.artificial(ROTATE, bytes(8, "b".repeat(16_000_000) + ".000001"));
        }
    },
    PREVIOUS_GTIDS_OF_100_MB {
        @Override
        void write(Binlog binlog) throws IOException {
            var body = ByteBuffer.allocate(100 << 20).order(ByteOrder.LITTLE_ENDIAN);
            body.putLong(1).putLong(1).putLong(2).putLong((100 << 16) - 100);
            for (long i = 1; body.remaining() >= 16; i += 2) {
                body.putLong(i).putLong(i + 1);
            }
            binlog.event(PREVIOUS_GTIDS, body.array());
        }
    },
    TABLE_MAPS_WITH_EVER_NEW_NUMBERS {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.begin();
            for (int number = 1; ; number++) {
                binlog.event(TABLE_MAP, tableMap(number, "t", 4096));
            }
        }
    },
    TABLE_MAPS_WITH_EVER_NEW_NAMES {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.begin();
            for (int number = 1; ; number++) {
                binlog.event(TABLE_MAP, tableMap(number, "t" + number, 4096));
            }
        }
    },
    TABLE_OF_2_TO_31_COLUMNS {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.begin();
            var body = new ByteArrayOutputStream();
            body.writeBytes(new byte[] {1, 0, 0, 0, 0, 0, 1, 0, 1, 'd', 0, 1, 't', 0});
            body.writeBytes(RogueAnswer.lengthEncoded(1L << 31));
            binlog.event(TABLE_MAP, body.toByteArray());
        }
    },
    TABLE_OF_A_MILLION_COLUMNS {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.begin();
            binlog.event(TABLE_MAP, tableMap(1, "t", 1_000_000));
        }
    },
    ROWS_OF_2_TO_40_COLUMNS {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.begin();
            binlog.event(TABLE_MAP, tableMap(1, "t", 1));
            var body = new ByteArrayOutputStream();
            body.writeBytes(new byte[] {1, 0, 0, 0, 0, 0, 1, 0, 2, 0});
            body.writeBytes(RogueAnswer.lengthEncoded(1L << 40));
            binlog.event(WRITE_ROWS, body.toByteArray());
        }
    },
    STATEMENT_OF_1_GB {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.claimed(QUERY, 1 << 30);
        }
    },
    UNKNOWN_EVENT_OF_1_GB {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.claimed(200, 1 << 30);
        }
    },
    STATEMENT_WITH_LENGTHS_AFTER_ITS_END {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.event(QUERY, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, -1, -1, 0});
        }
    },
    COMPRESSED_STATEMENT_THAT_LIES {
        @Override
        void write(Binlog binlog) throws IOException {
            var body = new ByteArrayOutputStream();
            body.writeBytes(new byte[14]);
            body.writeBytes(new byte[] {(byte) 0x84, 0x3F, -1, -1, -1, 1, 2, 3});
            binlog.event(QUERY_COMPRESSED, body.toByteArray());
        }
    },
    PAYLOAD_IN_A_PAYLOAD {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.begin();
            byte[] inner = Binlog.event(PAYLOAD, payload(new byte[100], 100), 0, 0);
            binlog.event(PAYLOAD, payload(inner, inner.length));
        }
    },
    PAYLOAD_THAT_LIES {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.begin();
            binlog.event(PAYLOAD, payload(new byte[100], 1L << 62));
        }
    },
    PAYLOAD_THAT_IS_A_BOMB {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.begin();
            var packed = new ByteArrayOutputStream();
            try (var zstd = new ZstdOutputStream(packed)) {
                zstd.write(Binlog.header(QUERY, 1 << 30, 0, 0));
                var zeros = new byte[1 << 20];
                for (int i = 0; i < 1023; i++) {
                    zstd.write(zeros);
                }
            }
            binlog.event(PAYLOAD, packedPayload(packed.toByteArray(), 1 << 30));
        }
    },
    HEARTBEATS_WITHOUT_END {
        @Override
        void write(Binlog binlog) throws IOException {
            while (true) {
                binlog.artificial(HEARTBEAT, "binlog.000001".getBytes(StandardCharsets.US_ASCII));
            }
        }
    },
    GIANT_ERROR {
        @Override
        void write(Binlog binlog) throws IOException {
            binlog.packet(bytes(9, "\u00ff".repeat(16_000_000)));
        }
    };

    private static final int QUERY = 2;
    private static final int ROTATE = 4;
    private static final int FORMAT_DESCRIPTION = 15;
    private static final int TABLE_MAP = 19;
    private static final int HEARTBEAT = 27;
    private static final int WRITE_ROWS = 30;
    private static final int PREVIOUS_GTIDS = 35;
    private static final int ANONYMOUS_GTID = 34;
    private static final int PAYLOAD = 40;
    private static final int QUERY_COMPRESSED = 165;

    private static final int DUMP = 0x12;

    abstract void write(Binlog binlog) throws IOException;

    /// How to answer a packet of a client: null where it is no request for a binlog.
    public RogueProxy.@Nullable Answer answerTo(byte[] packet) {
        if (packet.length < 11 || packet[0] != DUMP) {
            return null;
        }
        var request = ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN);
        String file = new String(packet, 11, packet.length - 11, StandardCharsets.US_ASCII);
        return out -> {
            var binlog = new Binlog(out, request.getInt(1));
            binlog.artificial(ROTATE, rotate(request.getInt(1), file));
            binlog.describe();
            write(binlog);
        };
    }

    private static byte[] rotate(int offset, String file) {
        byte[] body = bytes(8, file);
        ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).putLong(0, offset);
        return body;
    }

    private static byte[] bytes(int zeros, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
        byte[] body = new byte[zeros + ascii.length];
        System.arraycopy(ascii, 0, body, zeros, ascii.length);
        return body;
    }

    private static byte[] tableMap(int number, String name, int columns) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(number)
                        .putInt(1 << 16)
                        .array());
        body.writeBytes(new byte[] {5, 'r', 'o', 'g', 'u', 'e', 0, (byte) name.length()});
        body.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        body.write(0);
        body.writeBytes(RogueAnswer.lengthEncoded(columns));
        var types = new byte[columns];
        java.util.Arrays.fill(types, (byte) 3);
        body.writeBytes(types);
        body.write(0);
        body.writeBytes(new byte[(columns + 7) / 8]);
        // COLUMN_NAME, each of one character.
        var names = new byte[2 * columns];
        for (int i = 0; i < names.length; i += 2) {
            names[i] = 1;
            names[i + 1] = 'c';
        }
        body.write(4);
        body.writeBytes(RogueAnswer.lengthEncoded(names.length));
        body.writeBytes(names);
        return body.toByteArray();
    }

    private static byte[] payload(byte[] events, long size) {
        return packedPayload(Zstd.compress(events), size);
    }

    private static byte[] packedPayload(byte[] packed, long size) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(new byte[] {2, 1, 0, 3, 9});
        body.write(0xFE);
        body.writeBytes(
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(size).array());
        body.writeBytes(new byte[] {1, 9});
        body.write(0xFE);
        body.writeBytes(
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(packed.length)
                        .array());
        body.write(0);
        body.writeBytes(packed);
        return body.toByteArray();
    }

    /// What a server sends after it was asked for its binlog.
    static final class Binlog {

        private static final int LARGEST_PART = 0xFF_FFFF;

        private final OutputStream out;
        private int sequence = 1;
        private int offset;

        Binlog(OutputStream out, int offset) {
            this.out = out;
            this.offset = offset;
        }

        static byte[] header(int type, int size, int end, int flags) {
            return ByteBuffer.allocate(19)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(1)
                    .put((byte) type)
                    .putInt(1)
                    .putInt(size)
                    .putInt(end)
                    .putShort((short) flags)
                    .array();
        }

        static byte[] event(int type, byte[] body, int end, int flags) {
            var event = new ByteArrayOutputStream();
            event.writeBytes(header(type, 19 + body.length, end, flags));
            event.writeBytes(body);
            return event.toByteArray();
        }

        private static byte[] checked(byte[] event) {
            var crc = new CRC32();
            crc.update(event);
            return ByteBuffer.allocate(event.length + 4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(event)
                    .putInt((int) crc.getValue())
                    .array();
        }

        /// A head of a file whose events have checksums.
        void describe() throws IOException {
            var body = new byte[2 + 50 + 4 + 1 + 40 + 1];
            body[0] = 4;
            System.arraycopy("8.0.31".getBytes(StandardCharsets.US_ASCII), 0, body, 2, 6);
            body[56] = 19;
            body[body.length - 1] = 1;
            artificial(FORMAT_DESCRIPTION, body);
        }

        /// An event that stands in no file.
        void artificial(int type, byte[] body) throws IOException {
            packet(ok(checked(ofSize(type, body, 0, 0x20))));
        }

        /// An event that stands in the file.
        void event(int type, byte[] body) throws IOException {
            offset += 19 + body.length + 4;
            packet(ok(checked(ofSize(type, body, offset, 0))));
        }

        private static byte[] ofSize(int type, byte[] body, int end, int flags) {
            byte[] event = event(type, body, end, flags);
            ByteBuffer.wrap(event).order(ByteOrder.LITTLE_ENDIAN).putInt(9, event.length + 4);
            return event;
        }

        void begin() throws IOException {
            event(ANONYMOUS_GTID, new byte[25]);
            var body = new byte[13 + 1 + 5];
            System.arraycopy("BEGIN".getBytes(StandardCharsets.US_ASCII), 0, body, 14, 5);
            event(QUERY, body);
        }

        /// An event that says its size, of which zeros come without end.
        void claimed(int type, int size) throws IOException {
            var first = new byte[LARGEST_PART];
            System.arraycopy(header(type, size, offset + size, 0), 0, first, 1, 19);
            var zeros = new byte[LARGEST_PART];
            out.write(FakeMySql.packet(sequence++, first));
            while (true) {
                out.write(FakeMySql.packet(sequence++, zeros));
            }
        }

        private static byte[] ok(byte[] event) {
            var packet = new byte[event.length + 1];
            System.arraycopy(event, 0, packet, 1, event.length);
            return packet;
        }

        /// A packet, in parts where it is too long for one.
        void packet(byte[] body) throws IOException {
            int at = 0;
            int length;
            do {
                length = Math.min(LARGEST_PART, body.length - at);
                out.write(
                        FakeMySql.packet(
                                sequence++, java.util.Arrays.copyOfRange(body, at, at + length)));
                at += length;
            } while (length == LARGEST_PART);
        }
    }
}
