package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The table maps of one replication stream. A server writes a table map in front of the rows of
/// every statement, mostly the same bytes again; only new ones are parsed, and a table that looks
/// as before keeps its [TableSchema] instance, so that whatever was decided for it stays decided.
final class TableMaps {

    private final Map<Long, Entry> byNumber = new HashMap<>();
    private final Map<TableId, TableSchema> byName;

    private long lastNumber = -1;
    private Entry last = new Entry(new byte[0], null);

    TableMaps() {
        this(new HashMap<>());
    }

    private TableMaps(Map<TableId, TableSchema> byName) {
        this.byName = byName;
    }

    /// Those of another stream for the same thread, in which a table has the same instance.
    TableMaps ofAnotherStream() {
        return new TableMaps(byName);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    private record Entry(byte[] bytes, @Nullable TableSchema schema) {

        boolean hasBytes(byte[] other, int from, int to) {
            return Arrays.equals(bytes, 0, bytes.length, other, from, to);
        }
    }

    /// Takes a table map event in; the cursor stands at its body.
    void add(EventBytes event) {
        long number = event.number(6);
        int from = event.cursor();
        Entry known = number == lastNumber ? last : byNumber.get(number);
        if (known == null || !known.hasBytes(event.array(), from, event.end())) {
            byte[] bytes = Arrays.copyOfRange(event.array(), from, event.end());
            known = new Entry(bytes, interned(TableMapParser.parse(event)));
            byNumber.put(number, known);
        }
        lastNumber = number;
        last = known;
    }

    private TableSchema interned(TableSchema parsed) {
        TableSchema before = byName.get(parsed.id());
        if (before != null && before.looksLike(parsed)) {
            return before;
        }
        byName.put(parsed.id(), parsed);
        return parsed;
    }

    /// The table that rows events of this number change, or null where no table map named it.
    @Nullable TableSchema get(long number) {
        if (number == lastNumber) {
            return last.schema();
        }
        Entry entry = byNumber.get(number);
        return entry == null ? null : entry.schema();
    }

    /// Forgets the numbers, which a server gives anew from file to file at the latest when it
    /// restarts.
    void forgetNumbers() {
        byNumber.clear();
        lastNumber = -1;
    }
}
