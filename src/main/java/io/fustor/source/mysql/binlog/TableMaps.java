package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.memory.HeapParts;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The table maps of one replication stream. A server writes a table map before the rows of every
/// statement, usually the same bytes again. Only new bytes are parsed. An unchanged table keeps its
/// [TableSchema] instance, so that decisions about it remain valid. The least recently used maps
/// are removed if all exceed [HeapParts#TABLE_MAPS].
final class TableMaps {

    private final Map<Long, Entry> byNumber = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<TableId, TableSchema> byName;
    private final ColumnNames names;

    private long numbersWeight;
    private long namesWeight;
    private long lastNumber = -1;
    private Entry last = new Entry(new byte[0], null);

    /// For a reader whose rows are not used.
    TableMaps() {
        this(ColumnNames.NONE);
    }

    /// @param names supplies column names that table maps lack
    TableMaps(ColumnNames names) {
        this(new LinkedHashMap<>(16, 0.75f, true), names);
    }

    private TableMaps(Map<TableId, TableSchema> byName, ColumnNames names) {
        this.byName = byName;
        this.names = names;
    }

    ColumnNames names() {
        return names;
    }

    /// The maps of another stream on the same thread, with the same instance for each table.
    TableMaps ofAnotherStream() {
        return new TableMaps(byName, names.ofThePast());
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    private record Entry(byte[] bytes, @Nullable TableSchema schema) {

        long weight() {
            return 128L + bytes.length + (schema == null ? 0 : schema.weight());
        }

        boolean hasBytes(byte[] other, int from, int to) {
            return Arrays.equals(bytes, 0, bytes.length, other, from, to);
        }
    }

    /// Adds a table map event; the event's cursor is at its body.
    ///
    /// @return false if the columns' names need more time: the event has to be passed again
    boolean add(EventBytes event, BinlogCursor place) {
        long number = event.number(6);
        int from = event.cursor();
        Entry known = number == lastNumber ? last : byNumber.get(number);
        if (known == null || !known.hasBytes(event.array(), from, event.end())) {
            byte[] bytes = Arrays.copyOfRange(event.array(), from, event.end());
            TableSchema table = named(TableMapParser.parse(event, place.isOfMariaDb()), place);
            if (table == null) {
                event.rewind();
                return false;
            }
            known = new Entry(bytes, interned(table));
            keep(number, known, event);
        }
        lastNumber = number;
        last = known;
        return true;
    }

    private void keep(long number, Entry entry, EventBytes event) {
        if (entry.weight() > HeapParts.TABLE_MAPS) {
            throw event.corrupt(
                    "a table map takes "
                            + entry.weight()
                            + " bytes, for which the heap has no room; start the service with a"
                            + " larger -Xmx");
        }
        Entry before = byNumber.put(number, entry);
        numbersWeight += entry.weight() - (before == null ? 0 : before.weight());
        Iterator<Entry> oldest = byNumber.values().iterator();
        while (numbersWeight > HeapParts.TABLE_MAPS) {
            numbersWeight -= oldest.next().weight();
            oldest.remove();
        }
    }

    private @Nullable TableSchema named(TableMapParser.Parsed parsed, BinlogCursor place) {
        TableSchema table = parsed.table();
        MapDoubts doubts = parsed.doubts();
        if (table.isNamed() && !doubts.isAny()) {
            return table;
        }
        Place start = place.position();
        if (!names.reach(start, place.here())) {
            return null;
        }
        return table.isNamed()
                ? doubts.cleared(table, names.explain(start, table))
                : doubts.checked(names.name(start, table, parsed.hasMetadata()));
    }

    /// Records a statement that may define tables: from here on, the same bytes may mean another
    /// table.
    void define(EventBytes event, Place start, Place after) {
        if (names.wantsStatements()) {
            event.rewind();
            names.statement(SchemaStatement.of(QueryEvent.read(event), start, after));
            forgetNumbers();
        }
    }

    private TableSchema interned(TableSchema parsed) {
        TableSchema before = byName.get(parsed.id());
        if (before != null && before.looksLike(parsed)) {
            return before;
        }
        byName.put(parsed.id(), parsed);
        namesWeight += parsed.weight() - (before == null ? 0 : before.weight());
        Iterator<TableSchema> oldest = byName.values().iterator();
        while (namesWeight > HeapParts.TABLE_MAPS && oldest.hasNext()) {
            namesWeight -= oldest.next().weight();
            oldest.remove();
        }
        return parsed;
    }

    /// The table of rows events with this number, or null if no table map named it.
    @Nullable TableSchema get(long number) {
        if (number == lastNumber) {
            return last.schema();
        }
        Entry entry = byNumber.get(number);
        return entry == null ? null : entry.schema();
    }

    /// Forgets the numbers. A server assigns them anew in every file, or at the latest after a
    /// restart.
    void forgetNumbers() {
        byNumber.clear();
        numbersWeight = 0;
        lastNumber = -1;
    }
}
