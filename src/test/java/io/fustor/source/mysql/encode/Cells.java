package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/// Columns and their cells' JSON, for tests.
final class Cells {

    private Cells() {}

    static Column column(ColumnType type) {
        return column(type, 0, 0);
    }

    static Column column(ColumnType type, int size, int scale) {
        return new Column("c", type, size, scale, false, 0, List.of());
    }

    static Column unsigned(ColumnType type) {
        return new Column("c", type, 0, 0, true, 0, List.of());
    }

    static Column text(ColumnType type, int size, int collation, String... labels) {
        return new Column("c", type, size, 0, false, collation, List.of(labels));
    }

    /// The JSON of one cell, which has to be read to its end.
    static String json(Column column, String hex) {
        return json(column, HexFormat.of().parseHex(hex.replace(" ", "")), false);
    }

    static String bigAsString(Column column, String hex) {
        return json(column, HexFormat.of().parseHex(hex.replace(" ", "")), true);
    }

    /// Reads the cell between other bytes.
    static String json(Column column, byte[] cell, boolean bigAsString) {
        byte[] row = new byte[cell.length + 7];
        java.util.Arrays.fill(row, (byte) 0xFF);
        System.arraycopy(cell, 0, row, 3, cell.length);
        JsonBuffer out = new JsonBuffer(1);
        int end = CellCodecs.of(column, bigAsString).write(row, 3, out);
        if (end != cell.length + 3) {
            throw new AssertionError("the cell ends at " + end + ", not " + (cell.length + 3));
        }
        return new String(out.array(), 0, out.size(), UTF_8);
    }

    static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new Random(seed);
    }
}
