package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.FeedPosition;
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
    private final ColumnNames names;

    private long lastNumber = -1;
    private Entry last = new Entry(new byte[0], null);

    /// For a reader whose rows nobody reads.
    TableMaps() {
        this(ColumnNames.NONE);
    }

    /// @param names of columns where a table map has none
    TableMaps(ColumnNames names) {
        this(new HashMap<>(), names);
    }

    private TableMaps(Map<TableId, TableSchema> byName, ColumnNames names) {
        this.byName = byName;
        this.names = names;
    }

    ColumnNames names() {
        return names;
    }

    /// Those of another stream for the same thread, in which a table has the same instance.
    TableMaps ofAnotherStream() {
        return new TableMaps(byName, names.ofThePast());
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    private record Entry(byte[] bytes, @Nullable TableSchema schema) {

        boolean hasBytes(byte[] other, int from, int to) {
            return Arrays.equals(bytes, 0, bytes.length, other, from, to);
        }
    }

    /// Takes a table map event in; the event's cursor stands at its body.
    ///
    /// @return false where its columns' names take more time: the event has to be given again
    boolean add(EventBytes event, BinlogCursor place) {
        long number = event.number(6);
        int from = event.cursor();
        Entry known = number == lastNumber ? last : byNumber.get(number);
        if (known == null || !known.hasBytes(event.array(), from, event.end())) {
            byte[] bytes = Arrays.copyOfRange(event.array(), from, event.end());
            TableSchema table = named(TableMapParser.parse(event), place);
            if (table == null) {
                event.rewind();
                return false;
            }
            known = new Entry(bytes, interned(table));
            byNumber.put(number, known);
        }
        lastNumber = number;
        last = known;
        return true;
    }

    private @Nullable TableSchema named(TableMapParser.Parsed parsed, BinlogCursor place) {
        if (parsed.table().isNamed()) {
            return parsed.table();
        }
        FeedPosition start = place.position();
        return names.reach(start, place.here())
                ? names.name(start, parsed.table(), parsed.hasMetadata())
                : null;
    }

    /// A statement was read that may define tables: the same bytes may mean another table from here
    /// on.
    void define(EventBytes event, FeedPosition start, FeedPosition after) {
        if (names.wantsStatements()) {
            event.rewind();
            names.statement(LoggedStatement.read(event, start, after));
            forgetNumbers();
        }
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
