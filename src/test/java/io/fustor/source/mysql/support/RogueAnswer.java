package io.fustor.source.mysql.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Each answer of the protocol at its extremes. Source: the manual's 'Client/Server Protocol'.
public enum RogueAnswer implements RogueProxy.Answer {
    COLUMN_COUNT_OF_2_TO_31 {
        @Override
        public void write(OutputStream out) throws IOException {
            out.write(FakeMySql.packet(1, lengthEncoded(1L << 31)));
            endless(out, 2, column("c"));
        }
    },
    COLUMN_COUNT_OF_2_TO_63 {
        @Override
        public void write(OutputStream out) throws IOException {
            out.write(FakeMySql.packet(1, lengthEncoded(Long.MIN_VALUE)));
        }
    },
    ENDLESS_COLUMNS {
        @Override
        public void write(OutputStream out) throws IOException {
            out.write(FakeMySql.packet(1, lengthEncoded(4096)));
            endless(out, 2, column("c".repeat(60_000)));
        }
    },
    ROWS_WITHOUT_END {
        @Override
        public void write(OutputStream out) throws IOException {
            header(out, 1);
            endless(out, 3, cell("a".repeat(100)));
        }
    },
    EMPTY_ROWS_WITHOUT_END {
        @Override
        public void write(OutputStream out) throws IOException {
            header(out, 4000);
            endless(out, 5, new byte[4000]);
        }
    },
    ROW_WITHOUT_END {
        @Override
        public void write(OutputStream out) throws IOException {
            header(out, 1);
            endless(out, 3, new byte[0xFF_FFFF]);
        }
    },
    ROWS_OF_15_MIB {
        @Override
        public void write(OutputStream out) throws IOException {
            header(out, 1);
            endless(out, 3, cell("a".repeat(15 << 20)));
        }
    },
    GIANT_ERROR {
        @Override
        public void write(OutputStream out) throws IOException {
            out.write(FakeMySql.packet(1, error("no ".repeat(5_000_000))));
        }
    },
    GIANT_OK {
        @Override
        public void write(OutputStream out) throws IOException {
            out.write(FakeMySql.packet(1, new byte[0xFF_FFFE]));
        }
    },
    MORE_RESULTS_WITHOUT_END {
        @Override
        public void write(OutputStream out) throws IOException {
            endless(out, 1, new byte[] {0, 0, 0, 10, 0, 0, 0});
        }
    },
    MORE_RESULT_SETS_WITHOUT_END {
        @Override
        public void write(OutputStream out) throws IOException {
            header(out, 1);
            out.write(FakeMySql.packet(3, cell("a")));
            out.write(FakeMySql.packet(4, new byte[] {(byte) 0xFE, 0, 0, 10, 0, 0, 0}));
            endless(out, 5, lengthEncoded(1L << 31));
        }
    },
    ENDS_WITHOUT_END {
        @Override
        public void write(OutputStream out) throws IOException {
            endless(out, 1, new byte[] {(byte) 0xFE, 0, 0, 2, 0});
        }
    },
    FILE_REQUESTS {
        @Override
        public void write(OutputStream out) throws IOException {
            endless(out, 1, "\u00fb/etc/passwd".getBytes(StandardCharsets.ISO_8859_1));
        }
    },
    LOGINS_WITHOUT_END {
        @Override
        public void write(OutputStream out) throws IOException {
            while (true) {
                out.write(FakeMySql.switchTo(2, "mysql_native_password"));
            }
        }
    },
    OLD_PASSWORD {
        @Override
        public void write(OutputStream out) throws IOException {
            out.write(FakeMySql.packet(2, new byte[] {(byte) 0xFE}));
        }
    },
    EMPTY_PACKETS {
        @Override
        public void write(OutputStream out) throws IOException {
            endless(out, 1, new byte[0]);
        }
    };

    private static void header(OutputStream out, int columns) throws IOException {
        var header = new ByteArrayOutputStream();
        header.writeBytes(FakeMySql.packet(1, lengthEncoded(columns)));
        for (int i = 0; i < columns; i++) {
            header.writeBytes(FakeMySql.packet(i + 2, column("c" + i)));
        }
        out.write(header.toByteArray());
    }

    private static void endless(OutputStream out, int number, byte[] body) throws IOException {
        for (int i = number; ; i++) {
            out.write(FakeMySql.packet(i, body));
        }
    }

    /// A column definition of a `VARCHAR`.
    private static byte[] column(String name) {
        var body = new ByteArrayOutputStream();
        for (String text : new String[] {"def", "", "", "", name, ""}) {
            body.writeBytes(cell(text));
        }
        body.writeBytes(new byte[] {12, 45, 0, 0, 1, 0, 0, (byte) 253, 0, 0, 0, 0, 0});
        return body.toByteArray();
    }

    private static byte[] cell(String text) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(lengthEncoded(text.length()));
        body.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        return body.toByteArray();
    }

    private static byte[] error(String message) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(new byte[] {(byte) 0xFF, 1, 4});
        body.writeBytes(("#HY000" + message).getBytes(StandardCharsets.US_ASCII));
        return body.toByteArray();
    }

    public static byte[] lengthEncoded(long value) {
        if (value >= 0 && value < 0xFB) {
            return new byte[] {(byte) value};
        }
        var body = new ByteArrayOutputStream();
        body.write(0xFE);
        for (int i = 0; i < 8; i++) {
            body.write((int) (value >>> (8 * i)));
        }
        return body.toByteArray();
    }
}
