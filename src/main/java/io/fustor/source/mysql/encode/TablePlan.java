package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.condition.Condition;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Scope;
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
        int[] key,
        @Nullable RowFilter filter,
        @Nullable RecordPlan records) {

    /// @param codecs by ordinal; null where the column is not wanted
    /// @param names by ordinal: comma, quoted name, colon
    /// @param whole the layout of row images that have all columns
    /// @param head `"event_schema":…,"table":…,"fields":`
    /// @param allFields the names of the wanted columns as a JSON array, where a row image has them
    ///   all
    /// @param keyMetadata `"primary_key":[…]`
    /// @param key the ordinals of the primary key's columns
    /// @param filter judges the rows; null where all are wanted
    /// @param records how rows become records; null if they do not
    TablePlan {}

    /// The plan of a table's row images.
    ///
    /// @throws SourceException `SCHEMA_UNKNOWN` or `METADATA_MISSING` where the columns' names are
    ///   not known, `UNSUPPORTED_TYPE` where the table or a wanted column cannot be read,
    ///   `CONDITION_UNFIT` where the rows' condition does not fit the table
    static TablePlan of(TableSchema table, FrameForm form) {
        return of(table, form, false);
    }

    /// The plan of a table's result rows.
    ///
    /// @throws SourceException `UNSUPPORTED_TYPE` where a wanted column cannot be read,
    ///   `CONDITION_UNFIT` where the rows' condition does not fit the table
    static TablePlan ofResult(TableSchema table, FrameForm form) {
        return of(table, form, true);
    }

    /// How the columns of result rows are read under a form.
    static CodecChoice ofResult(FrameForm form) {
        return choice(form.format(), true);
    }

    private static CodecChoice choice(Format format, boolean isResult) {
        return switch (format) {
            case FUSTOR -> isResult ? CellCodecs::ofResult : CellCodecs::of;
            case DEBEZIUM -> isResult ? DebeziumCodecs::ofResult : DebeziumCodecs::of;
        };
    }

    /// How a column's values are read from one kind of input.
    interface CodecChoice {
        /// The codec of a column's values.
        ///
        /// @throws SourceException `UNSUPPORTED_TYPE`, with the column's name
        CellCodec of(Column column, boolean bigNumbersAsStrings);
    }

    private static TablePlan of(TableSchema table, FrameForm form, boolean isResult) {
        requireReadable(table);
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
                codecs[ordinal] = codec(table, column, form, isResult);
            }
        }
        int[] key = visibleKey(table, form.selection().scope());
        boolean[] all = new boolean[count];
        Arrays.fill(all, true);
        return new TablePlan(
                table,
                codecs,
                names,
                RowImages.Layout.of(all, opened(names, codecs, _ -> true)),
                head(table, scratch),
                allFields(names, codecs, scratch),
                keyMetadata(table, key, scratch),
                key,
                filter(table, form, isResult),
                records(table, form, key, isResult));
    }

    private static @Nullable RecordPlan records(
            TableSchema table, FrameForm form, int[] key, boolean isResult) {
        RecordForm records = form.records();
        return records == null
                ? null
                : new RecordPlan(
                        table,
                        form,
                        records,
                        key,
                        column -> keyCodec(table, column, form, isResult));
    }

    private static CellCodec keyCodec(
            TableSchema table, Column column, FrameForm form, boolean isResult) {
        CellCodec values = codec(table, column, form, isResult);
        boolean isMasked = form.masks().of(table.id(), column.name()) != null;
        return isMasked ? values : KeyCodecs.of(column, values);
    }

    private static @Nullable RowFilter filter(TableSchema table, FrameForm form, boolean isResult) {
        Condition condition = form.conditions().of(table.id());
        if (condition == null) {
            return null;
        }
        RowFilter filter = new RowFilter(table, condition, isResult);
        try {
            form.conditions().requireVisible(table, form.selection().scope());
            form.masks().requireUnmasked(form.conditions(), table.id());
        } catch (RequestException e) {
            throw RowFilter.unfit(table, e);
        }
        return filter;
    }

    private static void requireReadable(TableSchema table) {
        String problem = table.problem();
        if (problem != null) {
            throw new SourceException(
                    table.isSupported() ? FailureCode.SCHEMA_UNKNOWN : FailureCode.UNSUPPORTED_TYPE,
                    problem);
        }
        if (!table.isNamed()) {
            throw new SourceException(
                    FailureCode.METADATA_MISSING,
                    "the binlog has no column names for "
                            + table.id()
                            + ": set binlog_row_metadata = FULL on the server (SET PERSIST binlog_row_metadata ="
                            + " 'FULL') and start from a position after that");
        }
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

    /// The ordinals of the key's columns; none where one of them is not visible, since the others
    /// do not tell rows apart.
    static int[] visibleKey(TableSchema table, Scope scope) {
        for (int ordinal : table.primaryKey()) {
            if (!scope.includes(table.id(), table.columns().get(ordinal).name())) {
                return new int[0];
            }
        }
        return table.primaryKey();
    }

    private static byte[] keyMetadata(TableSchema table, int[] key, JsonBuffer scratch) {
        scratch.reset();
        scratch.ascii("\"primary_key\":[");
        String comma = "";
        for (int ordinal : key) {
            scratch.ascii(comma);
            scratch.string(table.columns().get(ordinal).name());
            comma = ",";
        }
        scratch.put(']');
        return bytes(scratch);
    }

    private static CellCodec codec(
            TableSchema table, Column column, FrameForm form, boolean isResult) {
        try {
            Mask mask = form.masks().of(table.id(), column.name());
            return mask == null
                    ? choice(form.format(), isResult).of(column, form.bigNumbersAsStrings())
                    : MaskedCodec.of(mask, choice(Format.FUSTOR, isResult).of(column, false));
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
