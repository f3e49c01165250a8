package io.fustor.source.mysql.binlog;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Opens the payloads of one stream, and decompresses small ones as a whole. The library's context
/// and the array are used again: making them takes as long as decompressing some tens of rows.
///
/// For one thread, except [#close].
final class PayloadUnpacker implements AutoCloseable {

    /// The largest array that is kept for the next payload.
    private static final int LARGEST_KEPT = 128 * 1024;

    private @Nullable ZstdDecompressCtx context;
    private byte[] kept = {};
    private boolean isClosed;

    /// The events of a payload.
    ///
    /// @param event with the cursor at the body
    PayloadEvents open(EventBytes event) {
        PayloadHead head = PayloadHead.read(event);
        return head.isSmall()
                ? new WholePayload(event, head, this)
                : new GradualPayload(event, head);
    }

    /// The events of a payload that is still being received.
    ///
    /// @param event only its beginning, with the cursor at the body
    /// @param rest of the event
    PayloadEvents begin(EventBytes event, boolean checksummed, ByteSource rest) {
        return new GradualPayload(event, PayloadHead.read(event), checksummed, rest);
    }

    /// Decompresses a payload.
    ///
    /// @param event with the cursor at the payload
    /// @param size of what has to result from it
    /// @return begins with it; valid until the next call
    /// @throws IOException where anything else results from it, or the unpacker is closed
    synchronized byte[] unpack(EventBytes event, int size) throws IOException {
        if (isClosed) {
            throw new IOException("the stream is closed");
        }
        byte[] unpacked = room(size);
        try {
            int result =
                    context()
                            .decompressByteArray(
                                    unpacked,
                                    0,
                                    size,
                                    event.array(),
                                    event.cursor(),
                                    event.remaining());
            if (result != size) {
                throw new IOException(result + " bytes resulted from it");
            }
            return unpacked;
        } catch (ZstdException e) {
            throw new IOException(e);
        }
    }

    private byte[] room(int size) {
        if (size > LARGEST_KEPT) {
            return new byte[size];
        }
        if (kept.length < size) {
            kept = new byte[size];
        }
        return kept;
    }

    private ZstdDecompressCtx context() {
        ZstdDecompressCtx made = context;
        if (made == null) {
            ZstdLibrary.require();
            made = new ZstdDecompressCtx();
            context = made;
        }
        return made;
    }

    /// Releases memory outside the heap. Any thread may call this; waits for a payload in progress.
    @Override
    public synchronized void close() {
        isClosed = true;
        ZstdDecompressCtx made = context;
        context = null;
        if (made != null) {
            made.close();
        }
    }
}
