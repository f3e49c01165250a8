package io.fustor.source.mysql.compression;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// A compressor that starts afresh with every block. It has native memory until it is closed. For
/// one thread at a time.
sealed interface BlockCompressor extends AutoCloseable {

    /// Compresses bytes to a block.
    CompressedBlock compress(byte[] bytes, int from, int length);

    @Override
    void close();

    /// The output buffer, which grows to the largest block and shrinks after a rare large one.
    final class Scratch {

        private static final int LARGEST_KEPT = 320 * 1024;

        private byte[] bytes = new byte[0];

        byte[] ofSize(int least) {
            if (bytes.length < least) {
                bytes = new byte[least];
            }
            return bytes;
        }

        byte[] copy(int length) {
            byte[] copy = Arrays.copyOf(bytes, length);
            if (bytes.length > LARGEST_KEPT) {
                bytes = new byte[0];
            }
            return copy;
        }
    }

    /// Bytes as they are, in a stored block of deflate: few bytes, such as those of a heartbeat,
    /// would hardly become fewer.
    final class Stored implements BlockCompressor {

        /// A block of up to so many bytes is not compressed. More than a heartbeat has.
        static final int MOST = 192;

        private static final int HEAD = 5;

        @Override
        public CompressedBlock compress(byte[] bytes, int from, int length) {
            byte[] block = new byte[HEAD + length];
            block[1] = (byte) length;
            block[2] = (byte) (length >> 8);
            block[3] = (byte) ~length;
            block[4] = (byte) (~length >> 8);
            System.arraycopy(bytes, from, block, HEAD, length);
            CRC32 crc = new CRC32();
            crc.update(bytes, from, length);
            return new CompressedBlock(block, length, (int) crc.getValue(), Crc.shift(length));
        }

        @Override
        public void close() {}
    }

    /// Deflate (RFC 1951) without a header. A flush ends each block on a byte boundary, so that
    /// blocks can follow each other in one gzip member.
    final class Gzip implements BlockCompressor {

        /// For bytes that each client has to have compressed. `FILTERED` leaves matches of up to
        /// five bytes out: the digits and digests of rows hold many by chance, and as literals they
        /// take fewer bits. Texts lose less by it than numbers gain.
        static Gzip fast() {
            return new Gzip(4, Deflater.FILTERED);
        }

        /// For bytes that are compressed once for all clients.
        static Gzip small() {
            return new Gzip(6, Deflater.DEFAULT_STRATEGY);
        }

        /// What a flush and the heads of stored blocks add to bytes that cannot be compressed.
        private static final int MARGIN = 64;

        private final Deflater deflater;
        private final CRC32 crc = new CRC32();
        private final Scratch scratch = new Scratch();

        private Gzip(int level, int strategy) {
            deflater = new Deflater(level, true);
            deflater.setStrategy(strategy);
            // The first call after that does nothing else.
            deflater.deflate(new byte[MARGIN]);
        }

        @Override
        public CompressedBlock compress(byte[] bytes, int from, int length) {
            crc.reset();
            crc.update(bytes, from, length);
            deflater.reset();
            deflater.setInput(bytes, from, length);
            int size = deflate(scratch.ofSize(length + length / 256 + MARGIN));
            return new CompressedBlock(
                    scratch.copy(size), length, (int) crc.getValue(), Crc.shift(length));
        }

        private int deflate(byte[] into) {
            int size = deflater.deflate(into, 0, into.length, Deflater.SYNC_FLUSH);
            if (size == into.length || !deflater.needsInput()) {
                throw new IllegalStateException("a block is larger than its bytes");
            }
            return size;
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /// One frame (RFC 8878) a block, with its own checksum.
    final class Zstandard implements BlockCompressor {

        /// In pieces of up to 1 MiB, higher levels save nothing.
        private static final int LEVEL = 1;

        private final ZstdCompressCtx context =
                new ZstdCompressCtx().setLevel(LEVEL).setChecksum(true);
        private final Scratch scratch = new Scratch();

        @Override
        public CompressedBlock compress(byte[] bytes, int from, int length) {
            byte[] into = scratch.ofSize((int) Zstd.compressBound(length));
            int size = context.compressByteArray(into, 0, into.length, bytes, from, length);
            return new CompressedBlock(scratch.copy(size), length, 0, 0);
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
