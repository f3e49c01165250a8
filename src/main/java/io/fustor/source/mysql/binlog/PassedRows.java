package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.schema.TableSchema;

/// Counts the rows of a rows event whose bytes arrive in pieces and are not kept. Of each row image
/// it reads the bitmap of NULLs and the lengths of cells. For one thread.
final class PassedRows {

    private final TableSchema table;
    private final boolean[][] present;
    private final int[] nullBytes;

    private int image;
    private byte[] nulls;
    private int nullsRead;
    private int nullBit;

    /// The column of the next or current cell.
    private int ordinal;

    private int lengthBytes;
    private int lengthRead;
    private long length;

    private long toSkip;
    private int rows;

    /// @param bytes contain the bitmaps of the columns in before images and in after images
    PassedRows(TableSchema table, Operation operation, byte[] bytes, int before, int after) {
        this.table = table;
        this.present =
                operation == Operation.UPDATE
                        ? new boolean[][] {present(bytes, before), present(bytes, after)}
                        : new boolean[][] {present(bytes, before)};
        this.nullBytes = new int[present.length];
        for (int i = 0; i < present.length; i++) {
            nullBytes[i] = (count(present[i]) + 7) / 8;
        }
        this.nulls = new byte[nullBytes[0]];
    }

    private boolean[] present(byte[] bytes, int bitmap) {
        boolean[] columns = new boolean[table.columnCount()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = RowsEvent.bit(bytes, bitmap, i);
        }
        return columns;
    }

    private static int count(boolean[] columns) {
        int count = 0;
        for (boolean one : columns) {
            count += one ? 1 : 0;
        }
        return count;
    }

    /// Takes the next bytes.
    void pass(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (toSkip > 0) {
                int count = (int) Math.min(toSkip, to - at);
                at += count;
                toSkip -= count;
                if (toSkip == 0) {
                    nextCell();
                }
            } else if (nullsRead < nulls.length) {
                nulls[nullsRead++] = bytes[at++];
                if (nullsRead == nulls.length) {
                    ordinal = -1;
                    nullBit = 0;
                    nextCell();
                }
            } else if (lengthRead < lengthBytes) {
                length |= (bytes[at++] & 0xFFL) << (8 * lengthRead++);
                if (lengthRead == lengthBytes) {
                    skip(length);
                }
            } else {
                // Images without columns have no end.
                toSkip = Long.MAX_VALUE;
            }
        }
    }

    private void skip(long count) {
        toSkip = count;
        if (count == 0) {
            nextCell();
        }
    }

    /// Moves to the next cell that has bytes, or to the next image.
    private void nextCell() {
        lengthBytes = 0;
        lengthRead = 0;
        boolean[] columns = present[image];
        while (++ordinal < columns.length) {
            if (!columns[ordinal] || RowsEvent.bit(nulls, 0, nullBit++)) {
                continue;
            }
            int width = table.cellWidth(ordinal);
            if (width > 0) {
                toSkip = width;
                return;
            }
            if (width < 0) {
                lengthBytes = -width;
                length = 0;
                return;
            }
        }
        nextImage();
    }

    private void nextImage() {
        image++;
        if (image == present.length) {
            image = 0;
            rows++;
        }
        nulls = new byte[nullBytes[image]];
        nullsRead = 0;
    }

    /// Whether the bytes so far end at the end of a row.
    boolean isBetweenRows() {
        return image == 0 && nullsRead == 0 && toSkip == 0;
    }

    int count() {
        return rows;
    }
}
