package io.fustor.source.mysql.position;

/// An offset in a binlog file, as `SHOW BINARY LOG STATUS` prints it.
///
/// Files of one server are ordered by the number at the end of their names; the name before it is
/// the server's `log_bin_basename` and plays no part in the order.
///
/// @param file name without directory, such as `binlog.000042`
/// @param offset bytes from the file's start; the first event stands at 4
public record BinlogPosition(String file, long offset) implements Comparable<BinlogPosition> {

    /// Where the first event of every binlog file stands, behind the file's magic number.
    public static final long FIRST_EVENT = 4;

    public BinlogPosition {
        if (offset < 0) {
            throw new IllegalArgumentException("offset is negative: " + offset);
        }
    }

    /// The number at the end of the file's name.
    public long fileNumber() {
        return fileNumber(file);
    }

    /// The number at the end of a binlog file's name: 42 of `binlog.000042`.
    ///
    /// @throws IllegalArgumentException where the name does not end in a dot and digits
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

    /// The Fustor index of a position: `(file number << 32) | offset`.
    public long index() {
        return index(fileNumber(), offset);
    }

    public static long index(long fileNumber, long offset) {
        return (fileNumber << 32) | (offset & 0xFFFF_FFFFL);
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
