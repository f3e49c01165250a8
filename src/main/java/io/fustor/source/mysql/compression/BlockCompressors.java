package io.fustor.source.mysql.compression;

import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/// The compressors of all streams. A thread borrows one only while it compresses a block, during
/// which it never waits: there are about as many as cores, however many streams are open. For any
/// thread.
public final class BlockCompressors {

    private static final BlockCompressor STORED = new BlockCompressor.Stored();

    private final Pool fastGzip = new Pool(BlockCompressor.Gzip::fast);
    private final Pool smallGzip = new Pool(BlockCompressor.Gzip::small);
    private final Pool zstd = new Pool(BlockCompressor.Zstandard::new);
    private final LongAdder blocks = new LongAdder();

    /// Compressors of one kind, none of which is in use.
    private record Pool(Supplier<BlockCompressor> maker, ArrayBlockingQueue<BlockCompressor> kept) {

        Pool(Supplier<BlockCompressor> maker) {
            this(maker, new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors()));
        }

        CompressedBlock compress(byte[] bytes, int from, int length) {
            BlockCompressor free = kept.poll();
            BlockCompressor compressor = free == null ? maker.get() : free;
            boolean isDone = false;
            try {
                CompressedBlock block = compressor.compress(bytes, from, length);
                isDone = true;
                return block;
            } finally {
                if (!isDone || !kept.offer(compressor)) {
                    compressor.close();
                }
            }
        }
    }

    /// A stream in a coding.
    ///
    /// @param out what the client receives
    public CodedOutput stream(OutputStream out, ContentCoding coding) {
        return switch (coding) {
            case IDENTITY -> new CodedOutput.Plain(out);
            case GZIP -> new CodedOutput.Gzip(out, this);
            case ZSTD -> new CodedOutput.Zstd(out, this);
        };
    }

    /// Compresses bytes for one client.
    CompressedBlock compress(ContentCoding coding, byte[] bytes, int from, int length) {
        return compress(coding, fastGzip, bytes, from, length);
    }

    /// Compresses bytes for several clients, which may take longer.
    ///
    /// @param coding not the identity
    public CompressedBlock compressShared(
            ContentCoding coding, byte[] bytes, int from, int length) {
        return compress(coding, smallGzip, bytes, from, length);
    }

    private CompressedBlock compress(
            ContentCoding coding, Pool gzip, byte[] bytes, int from, int length) {
        if (coding == ContentCoding.GZIP && length <= BlockCompressor.Stored.MOST) {
            return STORED.compress(bytes, from, length);
        }
        blocks.increment();
        return switch (coding) {
            case GZIP -> gzip.compress(bytes, from, length);
            case ZSTD -> zstd.compress(bytes, from, length);
            case IDENTITY -> throw new IllegalArgumentException("nothing to compress");
        };
    }

    /// How many blocks were compressed.
    public long blocks() {
        return blocks.sum();
    }

    /// How many compressors are kept.
    int kept() {
        return fastGzip.kept().size() + smallGzip.kept().size() + zstd.kept().size();
    }
}
