package io.fustor.source.mysql.compression;

/// A piece of a stream, compressed so that it needs nothing that came before it: any connection's
/// stream in the same coding may contain it.
///
/// @param bytes belong to the block and are not modified
/// @param length the number of bytes that were compressed
/// @param crc their CRC-32; 0 where the coding has none for the whole stream
/// @param shift for [Crc#combine] with what comes before
@SuppressWarnings("ArrayRecordComponent") // never compared
public record CompressedBlock(byte[] bytes, int length, int crc, int shift) {

    /// The memory of the objects beside the bytes.
    private static final int OBJECTS = 96;

    /// The size in memory, in bytes.
    public int weight() {
        return OBJECTS + bytes.length;
    }
}
