package io.fustor.source.mysql.change;

import io.fustor.source.mysql.schema.TableId;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// How many rows of each table a transaction changed. The reader of the binlog adds to it until the
/// transaction's commit; after that it does not change, and any thread may read it.
public final class RowCounts {

    /// Of a transaction without rows.
    public static final RowCounts NONE = new RowCounts();

    private @Nullable TableId[] tables = new TableId[1];
    private long[] rows = new long[1];
    private int size;
    private int last;
    private long total;

    /// The counts of a transaction that changed rows of one table.
    public static RowCounts of(TableId table, long rows) {
        RowCounts counts = new RowCounts();
        counts.add(table, rows);
        return counts;
    }

    /// These counts with further rows of a table. Only the reader of the transaction may call.
    public RowCounts plus(TableId table, long count) {
        RowCounts counts = size == 0 ? new RowCounts() : this;
        counts.add(table, count);
        return counts;
    }

    /// Counts rows of a table. Most events are of the same table as the one before.
    private void add(TableId table, long count) {
        total += count;
        if (last >= size || !table.equals(tables[last])) {
            last = indexOf(table);
        }
        rows[last] += count;
    }

    private int indexOf(TableId table) {
        for (int i = 0; i < size; i++) {
            if (table.equals(tables[i])) {
                return i;
            }
        }
        if (size == tables.length) {
            tables = Arrays.copyOf(tables, size * 2);
            rows = Arrays.copyOf(rows, size * 2);
        }
        tables[size] = table;
        return size++;
    }

    /// The rows of all tables.
    public long total() {
        return total;
    }

    /// The rows of the tables that pass a test.
    public long of(Predicate<TableId> wanted) {
        long sum = 0;
        for (int i = 0; i < size; i++) {
            TableId table = tables[i];
            if (table != null && wanted.test(table)) {
                sum += rows[i];
            }
        }
        return sum;
    }

    /// How many bytes of memory it takes, about.
    int weight() {
        return size == 0 ? 0 : 16 * tables.length;
    }
}
