package io.fustor.source.mysql.compression;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// One client's stream in a content coding. Everything that was written can be decoded after the
/// next flush; only [#finish] makes the stream complete. For one thread.
public sealed interface CodedOutput {

    /// The stream's coding.
    ContentCoding coding();

    /// Writes bytes, compressed as a block of their own.
    ///
    /// @return how many bytes go to the client for them
    int write(byte[] bytes, int from, int length) throws IOException;

    /// Writes a block that was compressed in the stream's coding.
    ///
    /// @return how many bytes go to the client for it
    int write(CompressedBlock block) throws IOException;

    /// Ends the stream; nothing may follow.
    ///
    /// @return how many bytes go to the client for it
    int finish() throws IOException;

    /// Sends what was written to the client.
    void flush() throws IOException;

    /// Bytes as they are.
    record Plain(OutputStream out) implements CodedOutput {

        @Override
        public ContentCoding coding() {
            return ContentCoding.IDENTITY;
        }

        @Override
        public int write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            return length;
        }

        @Override
        public int write(CompressedBlock block) {
            throw new IllegalStateException("a stream without a coding has no blocks");
        }

        @Override
        public int finish() {
            return 0;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }

    /// One member of a gzip file (RFC 1952).
    final class Gzip implements CodedOutput {

        /// Magic number, deflate, no flags, no time, no extra flags, an unknown system.
        private static final byte[] HEAD = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

        /// The last block of deflate, without contents.
        private static final byte[] LAST = {3, 0};

        private final OutputStream out;
        private final BlockCompressors compressors;
        private boolean isBegun;
        private int crc;

        /// Modulo 2^32.
        private int size;

        Gzip(OutputStream out, BlockCompressors compressors) {
            this.out = out;
            this.compressors = compressors;
        }

        @Override
        public ContentCoding coding() {
            return ContentCoding.GZIP;
        }

        @Override
        public int write(byte[] bytes, int from, int length) throws IOException {
            return write(compressors.compress(ContentCoding.GZIP, bytes, from, length));
        }

        @Override
        public int write(CompressedBlock block) throws IOException {
            int head = begin();
            out.write(block.bytes());
            crc = Crc.combine(crc, block.crc(), block.shift());
            size += block.length();
            return head + block.bytes().length;
        }

        private int begin() throws IOException {
            if (isBegun) {
                return 0;
            }
            isBegun = true;
            out.write(HEAD);
            return HEAD.length;
        }

        @Override
        public int finish() throws IOException {
            int head = begin();
            ByteBuffer tail = ByteBuffer.allocate(LAST.length + 2 * Integer.BYTES);
            tail.order(ByteOrder.LITTLE_ENDIAN).put(LAST).putInt(crc).putInt(size);
            out.write(tail.array());
            return head + tail.capacity();
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }

    /// Frames of Zstandard, one after the other (RFC 8878).
    record Zstd(OutputStream out, BlockCompressors compressors) implements CodedOutput {

        @Override
        public ContentCoding coding() {
            return ContentCoding.ZSTD;
        }

        @Override
        public int write(byte[] bytes, int from, int length) throws IOException {
            return write(compressors.compress(ContentCoding.ZSTD, bytes, from, length));
        }

        @Override
        public int write(CompressedBlock block) throws IOException {
            out.write(block.bytes());
            return block.bytes().length;
        }

        @Override
        public int finish() {
            return 0;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
