package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What is decided once for a table under a form: which columns are written, by which codec, and
/// the bytes that are the same in each row.
@SuppressWarnings("ArrayRecordComponent") // never compared
record TablePlan(
        TableSchema table,
        @Nullable CellCodec[] codecs,
        byte[][] names,
        RowImages.Layout whole,
        byte[] head,
        byte[] allFields,
        byte[] keyMetadata,
        int[] key) {

    /// @param codecs by ordinal; null where the column is not wanted
    /// @param names by ordinal: comma, quoted name, colon
    /// @param whole the layout of row images that have all columns
    /// @param head `"event_schema":…,"table":…,"fields":`
    /// @param allFields the names of the wanted columns as a JSON array, where a row image has them
    ///   all
    /// @param keyMetadata `"primary_key":[…]`
    /// @param key the ordinals of the primary key's columns
    TablePlan {}

    /// The plan of a table's row images.
    ///
    /// @throws SourceException `SCHEMA_UNKNOWN` or `METADATA_MISSING` where the columns' names are
    ///   not known, `UNSUPPORTED_TYPE` where a wanted column cannot be read
    static TablePlan of(TableSchema table, FrameForm form) {
        return of(
                table,
                form,
                form.format() == Format.DEBEZIUM ? DebeziumCodecs::of : CellCodecs::of);
    }

    /// The plan of a table's result rows.
    ///
    /// @throws SourceException `UNSUPPORTED_TYPE` where a wanted column cannot be read
    static TablePlan ofResult(TableSchema table, FrameForm form) {
        return of(
                table,
                form,
                form.format() == Format.DEBEZIUM ? DebeziumCodecs::ofResult : CellCodecs::ofResult);
    }

    /// How a column's values are read from one kind of input.
    private interface CodecChoice {
        CellCodec of(Column column, boolean bigNumbersAsStrings);
    }

    private static TablePlan of(TableSchema table, FrameForm form, CodecChoice choice) {
        String problem = table.problem();
        if (problem != null) {
            throw new SourceException(FailureCode.SCHEMA_UNKNOWN, problem);
        }
        if (!table.isNamed()) {
            throw new SourceException(
                    FailureCode.METADATA_MISSING,
                    "the binlog has no column names for "
                            + table.id()
                            + ": set binlog_row_metadata = FULL on the server (SET PERSIST binlog_row_metadata ="
                            + " 'FULL') and start from a position behind that");
        }
        int count = table.columnCount();
        @Nullable CellCodec[] codecs = new CellCodec[count];
        byte[][] names = new byte[count][];
        JsonBuffer scratch = new JsonBuffer(256);
        for (int ordinal = 0; ordinal < count; ordinal++) {
            Column column = table.columns().get(ordinal);
            scratch.reset();
            scratch.put(',');
            scratch.string(column.name());
            scratch.put(':');
            names[ordinal] = bytes(scratch);
            if (form.selection().includes(table.id(), column.name())) {
                codecs[ordinal] = codec(table, column, form, choice);
            }
        }
        boolean[] all = new boolean[count];
        Arrays.fill(all, true);
        return new TablePlan(
                table,
                codecs,
                names,
                RowImages.Layout.of(all, opened(names, codecs, _ -> true)),
                head(table, scratch),
                allFields(names, codecs, scratch),
                keyMetadata(table, scratch),
                table.primaryKey());
    }

    private static byte[] head(TableSchema table, JsonBuffer scratch) {
        scratch.reset();
        scratch.ascii("\"event_schema\":");
        scratch.string(table.id().schema());
        scratch.ascii(",\"table\":");
        scratch.string(table.id().table());
        scratch.ascii(",\"fields\":");
        return bytes(scratch);
    }

    private static byte[] allFields(
            byte[][] names, @Nullable CellCodec[] codecs, JsonBuffer scratch) {
        scratch.reset();
        writeNames(scratch, names, ordinal -> codecs[ordinal] != null, names.length);
        return bytes(scratch);
    }

    private static byte[] keyMetadata(TableSchema table, JsonBuffer scratch) {
        scratch.reset();
        scratch.ascii("\"primary_key\":[");
        String comma = "";
        for (int ordinal : table.primaryKey()) {
            scratch.ascii(comma);
            scratch.string(table.columns().get(ordinal).name());
            comma = ",";
        }
        scratch.put(']');
        return bytes(scratch);
    }

    private static CellCodec codec(
            TableSchema table, Column column, FrameForm form, CodecChoice choice) {
        try {
            return choice.of(column, form.bigNumbersAsStrings());
        } catch (SourceException e) {
            throw new SourceException(e.code(), table.id() + ": " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(JsonBuffer buffer) {
        byte[] bytes = new byte[buffer.size()];
        System.arraycopy(buffer.array(), 0, bytes, 0, bytes.length);
        return bytes;
    }

    /// Which columns belong into a list of names.
    interface OrdinalTest {
        boolean test(int ordinal);
    }

    private static void writeNames(JsonBuffer out, byte[][] names, OrdinalTest wanted, int count) {
        char open = '[';
        for (int ordinal = 0; ordinal < count; ordinal++) {
            if (wanted.test(ordinal)) {
                out.put(open);
                // Without the comma and the colon around it.
                out.write(names[ordinal], 1, names[ordinal].length - 2);
                open = ',';
            }
        }
        if (open == '[') {
            out.put(open);
        }
        out.put(']');
    }

    /// The names where row images have only the columns that pass a test: the first wanted one
    /// begins with the brace of the row's object in place of the comma; [#names] itself where none
    /// is wanted.
    byte[][] opened(OrdinalTest present) {
        return opened(names, codecs, present);
    }

    private static byte[][] opened(
            byte[][] names, @Nullable CellCodec[] codecs, OrdinalTest present) {
        for (int ordinal = 0; ordinal < names.length; ordinal++) {
            if (codecs[ordinal] != null && present.test(ordinal)) {
                byte[][] opened = names.clone();
                opened[ordinal] = names[ordinal].clone();
                opened[ordinal][0] = '{';
                return opened;
            }
        }
        return names;
    }

    /// Writes the names of the wanted columns among those that pass a test.
    void writeFields(JsonBuffer out, OrdinalTest present) {
        writeNames(
                out,
                names,
                ordinal -> codecs[ordinal] != null && present.test(ordinal),
                table.columnCount());
    }
}
