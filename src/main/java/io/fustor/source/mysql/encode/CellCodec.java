package io.fustor.source.mysql.encode;

/// Writes one column's values as JSON, from one of two inputs: the row images of the binlog, or the
/// result rows of a query. Both give the same bytes for the same value. [CellCodecs] chooses it,
/// once per column and input; it holds nothing that changes, so that any number of threads may use
/// it, each with a buffer of its own.
public interface CellCodec {

    /// Writes the value of the cell that starts at `at`; never called for a NULL, which has no
    /// cell. What it wrote before it failed is in the buffer.
    ///
    /// @param row the bytes of a row as the codec's input has it: of a row image in the binlog, or
    ///   of a result row in the binary protocol
    /// @return the offset after the cell
    /// @throws io.fustor.source.mysql.error.SourceException `CORRUPT_EVENT` where the bytes are no
    ///   value of the column's type
    /// @throws IndexOutOfBoundsException where the cell would end after the bytes
    int write(byte[] row, int at, JsonBuffer out);
}
