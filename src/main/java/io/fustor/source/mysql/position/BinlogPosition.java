package io.fustor.source.mysql.position;

/// An offset in a binlog file, as `SHOW BINARY LOG STATUS` prints it.
///
/// Files of one server are ordered by the number at the end of their names. The name before it is
/// the server's `log_bin_basename` and does not affect the order.
///
/// @param file name without directory, such as `binlog.000042`
/// @param offset bytes from the file's start; the first event starts at 4
public record BinlogPosition(String file, long offset) implements Comparable<BinlogPosition> {

    /// Offset of the first event in every binlog file, after the file's magic number.
    public static final long FIRST_EVENT = 4;

    public BinlogPosition {
        if (offset < 0) {
            throw new IllegalArgumentException("negative offset: " + offset);
        }
    }

    /// The number at the end of the file's name.
    public long fileNumber() {
        return fileNumber(file);
    }

    /// The number at the end of a binlog file's name: 42 of `binlog.000042`.
    ///
    /// @throws IllegalArgumentException if the name does not end in a dot and digits
    public static long fileNumber(String file) {
        int dot = file.lastIndexOf('.');
        long number = 0;
        if (dot < 0 || dot == file.length() - 1 || file.length() - dot > 16) {
            throw new IllegalArgumentException("not a binlog file name: " + file);
        }
        for (int i = dot + 1; i < file.length(); i++) {
            int digit = file.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException("not a binlog file name: " + file);
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /// The largest offset at which a server can be asked to begin, and the largest with an index of
    /// its own: binlog requests and event headers have four bytes for it. A single transaction may
    /// extend beyond it.
    public static final long LARGEST_NAMED = 0xFFFF_FFFFL;

    /// The Fustor index of a position: `(file number << 32) | offset`. All positions beyond
    /// [#LARGEST_NAMED] share one index, so that no index reaches into the next file.
    public long index() {
        return index(fileNumber(), offset);
    }

    public static long index(long fileNumber, long offset) {
        return (fileNumber << 32) | Math.min(offset, LARGEST_NAMED);
    }

    @Override
    public int compareTo(BinlogPosition other) {
        int byFile = Long.compare(fileNumber(), other.fileNumber());
        return byFile != 0 ? byFile : Long.compare(offset, other.offset);
    }

    @Override
    public String toString() {
        return file + ":" + offset;
    }
}
