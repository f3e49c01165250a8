package io.fustor.source.mysql.change;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableSchema;

/// Rows of one table changed by one statement, as the bytes of the binlog's rows event.
///
/// The bytes from `rowsFrom` to `rowsTo` hold row images. Each image is a bitmap of NULLs over the
/// columns that are present, followed by their cells. An update has a before image and an after
/// image for each row. One bitmap for before images and one for after images tell which columns are
/// present; they are at `beforePresent` and `afterPresent` in the same bytes. Source: the server's
/// `Rows_log_event`.
///
/// Any number of threads may read it; no code changes the bytes.
public final class RowsEvent implements BinlogEvent {

    private final Transaction transaction;
    private final Operation operation;
    private final TableSchema table;
    private final Images images;
    private final long firstRow;
    private final Origin origin;

    /// Counted on first use; two threads that count at once write the same number.
    private int rowCount = -1;

    /// The images of an event whose bytes were not kept.
    private static final Images NOT_HELD = new Images(new byte[0], 0, 0, 0, 0);

    /// The offsets of a rows event's parts in its bytes.
    ///
    /// @param bytes owned by the event
    /// @param beforePresent offset of the bitmap of the columns in before images; for inserts, of
    ///   those in after images
    /// @param afterPresent offset of the bitmap of the columns in after images
    /// @param rowsFrom offset of the first row image
    /// @param rowsTo offset after the last row image
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Images(
            byte[] bytes, int beforePresent, int afterPresent, int rowsFrom, int rowsTo) {}

    /// Where and when the event was written.
    ///
    /// @param startOffset where the event, or the compressed transaction that holds it, starts in
    ///   its binlog file, in bytes
    /// @param endOffset where it ends
    /// @param timestamp when the statement ran, in seconds since 1970
    /// @param serverId of the server that first wrote it
    public record Origin(long startOffset, long endOffset, long timestamp, long serverId) {}

    /// @param firstRow how many rows of the transaction come before the event's first
    public RowsEvent(
            Transaction transaction,
            Operation operation,
            TableSchema table,
            Images images,
            long firstRow,
            Origin origin) {
        this.transaction = transaction;
        this.operation = operation;
        this.table = table;
        this.images = images;
        this.firstRow = firstRow;
        this.origin = origin;
    }

    /// An event that was skipped: its offsets and its number of rows are known, its rows are not
    /// here.
    public static RowsEvent notHeld(
            Transaction transaction,
            Operation operation,
            TableSchema table,
            Rows rows,
            Origin origin) {
        RowsEvent event =
                new RowsEvent(transaction, operation, table, NOT_HELD, rows.first(), origin);
        event.rowCount = rows.count();
        return event;
    }

    /// The rows of the transaction that an event has.
    public record Rows(long first, int count) {}

    /// The event with its first rows only; what is kept of their bytes is shared.
    ///
    /// @param count of rows, less than the event has
    public RowsEvent head(int count) {
        if (!isHeld()) {
            return notHeld(transaction, operation, table, new Rows(firstRow, count), origin);
        }
        int end = images.rowsFrom();
        for (int row = 0; row < count; row++) {
            end = skipRow(end);
        }
        Images first =
                new Images(
                        images.bytes(),
                        images.beforePresent(),
                        images.afterPresent(),
                        images.rowsFrom(),
                        end);
        return new RowsEvent(transaction, operation, table, first, firstRow, origin);
    }

    /// Whether the rows are here; if not, they have to be read from the binlog again.
    @SuppressWarnings("ReferenceEquality") // one instance represents all of them
    public boolean isHeld() {
        return images != NOT_HELD;
    }

    @Override
    public Transaction transaction() {
        return transaction;
    }

    public Operation operation() {
        return operation;
    }

    public TableSchema table() {
        return table;
    }

    /// The offsets of its rows.
    ///
    /// @throws IllegalStateException if the rows are not held
    public Images images() {
        if (!isHeld()) {
            throw new IllegalStateException("the rows of " + transaction.id() + " are not held");
        }
        return images;
    }

    public long firstRow() {
        return firstRow;
    }

    public Origin origin() {
        return origin;
    }

    @Override
    public long timestamp() {
        return origin.timestamp();
    }

    @Override
    public Place after() {
        return transaction.start().afterRows(firstRow + rowCount(), transaction.gtid());
    }

    @Override
    public int weight() {
        return 160 + images.bytes().length;
    }

    /// How many rows the event changes. The first call walks over the row images.
    ///
    /// @throws SourceException `CORRUPT_EVENT` if the images do not end where the event ends
    public int rowCount() {
        int count = rowCount;
        if (count < 0) {
            count = countRows();
            rowCount = count;
        }
        return count;
    }

    /// Whether the event is the insert of one row without any column, and so without bytes. MySQL
    /// writes it for `INSERT … VALUES ()` with a minimal row image, always with a single row.
    public boolean isEmptyRow() {
        return images.rowsFrom() == images.rowsTo()
                && operation == Operation.INSERT
                && countPresent(images.beforePresent()) == 0;
    }

    private int countRows() {
        if (images.rowsFrom() == images.rowsTo()) {
            if (!isEmptyRow()) {
                throw corrupt();
            }
            return 1;
        }
        int count = 0;
        int at = images.rowsFrom();
        try {
            while (at < images.rowsTo()) {
                int next = skipRow(at);
                if (next <= at) {
                    throw corrupt();
                }
                at = next;
                count++;
            }
        } catch (IndexOutOfBoundsException e) {
            throw new SourceException(FailureCode.CORRUPT_EVENT, corrupt().getMessage(), e);
        }
        if (at != images.rowsTo()) {
            throw corrupt();
        }
        return count;
    }

    /// The offset after the row that starts at an offset: one image, or two for an update.
    public int skipRow(int at) {
        if (operation == Operation.UPDATE) {
            return skipImage(skipImage(at, images.beforePresent()), images.afterPresent());
        }
        return skipImage(at, images.beforePresent());
    }

    /// The offset after one row image.
    ///
    /// @param at offset of the image
    /// @param present offset of the bitmap of its columns
    /// @throws SourceException `CORRUPT_EVENT` if a cell would end after the event
    public int skipImage(int at, int present) {
        byte[] bytes = images.bytes();
        int columns = table.columnCount();
        if (hasAll(present) && hasNoNulls(at)) {
            return skipWhole(bytes, at + (columns + 7) / 8);
        }
        int nulls = at;
        int nullBit = 0;
        int cell = at + (countPresent(present) + 7) / 8;
        for (int ordinal = 0; ordinal < columns; ordinal++) {
            if (!bit(bytes, present, ordinal)) {
                continue;
            }
            if (!bit(bytes, nulls, nullBit++)) {
                cell = skipCell(bytes, cell, table.cellWidth(ordinal));
            }
            if (cell > images.rowsTo()) {
                throw corrupt();
            }
        }
        return cell;
    }

    /// Whether all columns are in the images of a bitmap.
    public boolean hasAll(int present) {
        return isFilled(images.bytes(), present, table.columnCount(), 0xFF);
    }

    /// Whether no column is NULL in an image that has all columns.
    public boolean hasNoNulls(int image) {
        return isFilled(images.bytes(), image, table.columnCount(), 0);
    }

    /// Whether the first `count` bits of a bitmap are those of `value`, which is 0 or 0xFF.
    private static boolean isFilled(byte[] bytes, int at, int count, int value) {
        int whole = count >> 3;
        for (int i = 0; i < whole; i++) {
            if ((bytes[at + i] & 0xFF) != value) {
                return false;
            }
        }
        int rest = count & 7;
        return rest == 0 || ((bytes[at + whole] ^ value) & ((1 << rest) - 1)) == 0;
    }

    /// The common case: an image with all columns, none of them NULL.
    private int skipWhole(byte[] bytes, int from) {
        int[] strides = table.strides();
        int cell = from;
        int prefix;
        for (int i = 0; ; i += 2) {
            cell += strides[i];
            prefix = strides[i + 1];
            if (prefix == 0) {
                break;
            }
            cell = skipCell(bytes, cell, -prefix);
        }
        if (cell > images.rowsTo()) {
            throw corrupt();
        }
        return cell;
    }

    /// How many columns are in the images of a bitmap.
    public int countPresent(int present) {
        int columns = table.columnCount();
        int count = 0;
        for (int ordinal = 0; ordinal < columns; ordinal++) {
            count += bit(images.bytes(), present, ordinal) ? 1 : 0;
        }
        return count;
    }

    /// Bit number `index` of the little-endian bitmap at `at`.
    public static boolean bit(byte[] bytes, int at, int index) {
        return (bytes[at + (index >> 3)] & (1 << (index & 7))) != 0;
    }

    /// The offset after a cell that is not NULL.
    ///
    /// @throws SourceException `CORRUPT_EVENT` if it would end after the event
    public int skipCell(int at, int ordinal) {
        return skipCell(images.bytes(), at, table.cellWidth(ordinal));
    }

    private int skipCell(byte[] bytes, int at, int width) {
        if (width >= 0) {
            return at + width;
        }
        int length = 0;
        for (int i = 0; i < -width; i++) {
            if (at + i >= images.rowsTo()) {
                throw corrupt();
            }
            length |= (bytes[at + i] & 0xFF) << (8 * i);
        }
        if (length < 0 || length > images.rowsTo() - at) {
            throw corrupt();
        }
        return at - width + length;
    }

    /// The failure of an event whose row images do not match its table map.
    public SourceException corrupt() {
        return new SourceException(
                FailureCode.CORRUPT_EVENT,
                "the row images of the event that ends at "
                        + transaction.file()
                        + ":"
                        + origin.endOffset()
                        + " on "
                        + table.id()
                        + " do not match its table map");
    }
}
