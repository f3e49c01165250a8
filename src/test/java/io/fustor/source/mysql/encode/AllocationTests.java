package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Once warm, writing a cell takes no memory.
class AllocationTests {

    private static final int CELLS = 10_000;

    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final JsonBuffer out = new JsonBuffer();

    @Test
    void numbersTakeNoMemory() {
        takesNone(column(ColumnType.TINYINT), "80");
        takesNone(column(ColumnType.BIGINT), "0000000000000080");
        takesNone(column(ColumnType.DECIMAL, 14, 4), "7EF204C72DFB2D");
        takesNone(column(ColumnType.BIT, 64, 0), "ffffffffffffffff");
        takesNone(column(ColumnType.YEAR), "7c");
        takesNone(column(ColumnType.FLOAT), "cdcc8c3f");
        takesNone(column(ColumnType.DOUBLE), "9a9999999999f13f");
        takesNone(column(ColumnType.DOUBLE), "7b14ae47e17a843f");
    }

    @Test
    void datesAndTimesTakeNoMemory() {
        takesNone(column(ColumnType.DATE), "5dd00f");
        takesNone(column(ColumnType.TIME, 0, 6), "7fffffffffff");
        takesNone(column(ColumnType.DATETIME, 0, 3), "99b2bb7efb04ce");
        takesNone(column(ColumnType.TIMESTAMP, 0, 6), "65e11a7f0f423f");
        takesNone(column(ColumnType.TIMESTAMP, 0, 6), "00000000000000");
    }

    @Test
    void textAndBytesTakeNoMemory() {
        takesNone(text(ColumnType.VARCHAR, 60, 255), "0661c3a9ff2200");
        takesNone(text(ColumnType.VARCHAR, 60, 8), "0480e99d41");
        takesNone(text(ColumnType.VARCHAR, 60, 28), "05d6d0cec461");
        takesNone(text(ColumnType.VARCHAR, 60, 54), "0800414e2dd83dde00");
        takesNone(column(ColumnType.BINARY, 16, 0), "0200ff");
        takesNone(column(ColumnType.BLOB, 2, 0), "040000ff00ff");
        takesNone(text(ColumnType.ENUM, 1, 255, "a", "b"), "02");
        takesNone(text(ColumnType.SET, 1, 255, "a", "b"), "03");
        takesNone(column(ColumnType.GEOMETRY, 4, 0), "06000000e61000000101");
        takesNone(column(ColumnType.VECTOR, 4, 0), "080000000000803fcdcc8cbf");
    }

    @Test
    void documentsTakeNoMemory() {
        var document = new LinkedHashMap<String, Object>();
        document.put("a", List.of((short) 1, 2L, 0.5, true, "text", new BigDecimal("1.50")));
        document.put("t", new BinaryJsonWriter.Opaque(11, new byte[8]));
        byte[] bytes = new BinaryJsonWriter(false).document(document);
        String length = HexFormat.of().formatHex(BinaryJsonWriter.little(bytes.length, 4));
        takesNone(column(ColumnType.JSON, 4, 0), length + HexFormat.of().formatHex(bytes));
    }

    @Test
    void cellsOfResultRowsTakeNoMemory() {
        ofResultTakesNone(column(ColumnType.YEAR), "e807");
        ofResultTakesNone(column(ColumnType.BIT, 64, 0), "08ffffffffffffffff");
        ofResultTakesNone(column(ColumnType.DECIMAL, 9, 2), "062d31322e3330");
        ofResultTakesNone(column(ColumnType.DATE), "04e807021d");
        ofResultTakesNone(column(ColumnType.TIME, 0, 6), "0c012200000016173b3f420f00");
        ofResultTakesNone(column(ColumnType.DATETIME, 0, 3), "0be807021d173b3b40e20100");
        ofResultTakesNone(column(ColumnType.TIMESTAMP, 0, 0), "07e807021d173b3b");
        ofResultTakesNone(text(ColumnType.VARCHAR, 60, 255), "0661c3a9ff2200");
        ofResultTakesNone(text(ColumnType.VARCHAR, 60, 8), "0480e99d41");
        ofResultTakesNone(column(ColumnType.BLOB, 2, 0), "0400ff00ff");
        ofResultTakesNone(text(ColumnType.ENUM, 1, 255, "a", "b"), "0161");
        ofResultTakesNone(column(ColumnType.GEOMETRY, 4, 0), "06e61000000101");
        ofResultTakesNone(column(ColumnType.VECTOR, 4, 0), "080000803fcdcc8cbf");
        byte[] document = "{\"a\": [1, 0.5, true, null, \"t\\n\\u0001é\"]}".getBytes(UTF_8);
        ofResultTakesNone(
                column(ColumnType.JSON, 4, 0),
                "%02x".formatted(document.length) + HexFormat.of().formatHex(document));
    }

    private void takesNone(Column column, String hex) {
        takesNone(CellCodecs.of(column, true), column, hex);
    }

    private void ofResultTakesNone(Column column, String hex) {
        takesNone(CellCodecs.ofResult(column, true), column, hex);
    }

    private void takesNone(CellCodec codec, Column column, String hex) {
        byte[] cell = HexFormat.of().parseHex(hex);
        write(codec, cell);
        long before = threads.getCurrentThreadAllocatedBytes();
        write(codec, cell);
        long taken = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(taken).as(column.type() + " " + hex).isLessThan(CELLS);
    }

    private void write(CellCodec codec, byte[] cell) {
        for (int i = 0; i < CELLS; i++) {
            out.reset();
            codec.write(cell, 0, out);
        }
    }
}
