package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// What is decided once for the records of a table: the topic, how a key is written, and the bytes
/// around key and value. For one thread.
final class RecordPlan {

    private static final byte[] NOTHING = {};
    private static final byte[] CLOSE = {'}'};

    /// A key in the making: an outlet could take the first part of it away from the output.
    private final JsonBuffer made = new JsonBuffer(64);

    private final byte[] topic;
    private final int[] key;
    private final CellCodec[] codecs;
    private final byte[][] names;
    private final byte[] keyOpen;
    private final byte[] valueOpen;
    private final byte[] close;

    /// How the values of a key's column are read from one kind of input, and masked.
    interface KeyChoice {
        /// The codec of a column.
        ///
        /// @throws io.fustor.source.mysql.error.SourceException `UNSUPPORTED_TYPE`
        CellCodec of(Column column);
    }

    /// @param key the ordinals of the key's columns in the key's order; none for records without a
    ///   key
    RecordPlan(TableSchema table, FrameForm form, RecordForm records, int[] key, KeyChoice choice) {
        this.key = key;
        this.codecs = new CellCodec[key.length];
        this.names = new byte[key.length][];
        JsonBuffer scratch = new JsonBuffer(256);
        for (int i = 0; i < key.length; i++) {
            Column column = table.columns().get(key[i]);
            codecs[i] = choice.of(column);
            scratch.reset();
            scratch.put(i == 0 ? '{' : ',');
            scratch.string(column.name());
            scratch.put(':');
            names[i] = Arrays.copyOf(scratch.array(), scratch.size());
        }
        String name = records.topic(table.id().schema(), table.id().table());
        boolean schemas = records.schemas();
        this.topic = (name + "\t").getBytes(StandardCharsets.US_ASCII);
        this.keyOpen = schemas ? open(ConnectSchemas.key(table, name, key, form)) : NOTHING;
        this.valueOpen = schemas ? open(ConnectSchemas.value(table, name, form)) : NOTHING;
        this.close = schemas ? CLOSE : NOTHING;
    }

    private static byte[] open(String schema) {
        return ("{\"schema\":" + schema + ",\"payload\":").getBytes(StandardCharsets.UTF_8);
    }

    /// The topic's name and a tab.
    byte[] topic() {
        return topic;
    }

    /// The ordinals of the key's columns, in the key's order; none for records without a key.
    int[] key() {
        return key;
    }

    /// Begins a key that has columns; [#keyColumn] for each of them and [#endKey] complete it.
    void beginKey() {
        made.reset();
        made.write(keyOpen);
    }

    /// @param part which column of the key
    /// @param at where the column's cell starts
    void keyColumn(int part, byte[] row, int at) {
        made.write(names[part]);
        codecs[part].write(row, at, made);
    }

    void endKey(JsonBuffer out) {
        made.put('}');
        made.write(close);
        out.append(made);
    }

    /// What comes before a value's object.
    byte[] valueOpen() {
        return valueOpen;
    }

    /// What comes after a value's object.
    byte[] close() {
        return close;
    }
}
