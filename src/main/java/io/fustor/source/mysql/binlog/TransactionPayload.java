package io.fustor.source.mysql.binlog;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStream;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.PacketInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/// The events inside a compressed transaction, unpacked one by one as they are asked for. A payload
/// of more than 1 MiB is unpacked while it comes off the wire. Source: the server's
/// `Transaction_payload_event`: fields (type, length, value) up to an end mark, and then the
/// payload.
///
/// For one thread, except [#close].
final class TransactionPayload implements AutoCloseable {

    private static final int END_MARK = 0;
    private static final int COMPRESSION_TYPE = 2;
    private static final int UNCOMPRESSED_SIZE = 3;
    private static final int ZSTD = 0;
    private static final int NONE = 255;
    private static final int LARGEST_EVENT = 1 << 30;

    /// Of the buffer that one event after the other is read into where none is to be kept.
    private static final int LARGEST_SHARED = 16 * 1024;

    private final @Nullable StreamedPayload streamed;
    private final InputStream in;
    private int compression = NONE;
    private long unpackedSize = LARGEST_EVENT;

    private byte[] buffer = new byte[LARGEST_SHARED];

    /// The inner event under construction and how much of it is there.
    private byte[] bytes = buffer;

    private int read;
    private int size;

    /// What comes next.
    enum Step {
        EVENT,
        /// Only the beginning of an event is here; the rest is to be [#readOn].
        LARGE_EVENT,
        /// Nothing came within about a second.
        NOTHING,
        END
    }

    /// @param event with the cursor at the body, whose bytes stay as they are until the last inner
    ///   event is read
    TransactionPayload(EventBytes event) {
        readFields(event);
        streamed = null;
        boolean isSmall =
                compression == ZSTD
                        && unpackedSize >= 0
                        && unpackedSize <= PacketInput.LARGEST_WHOLE;
        in =
                isSmall
                        ? unpackedAtOnce(event)
                        : unpacked(
                                new ByteArrayInputStream(
                                        event.array(), event.cursor(), event.remaining()));
    }

    /// A stream makes buffers of its own, which takes longer than to unpack a small payload.
    private InputStream unpackedAtOnce(EventBytes event) {
        byte[] unpacked = new byte[(int) unpackedSize];
        try {
            long size =
                    Zstd.decompressByteArray(
                            unpacked,
                            0,
                            unpacked.length,
                            event.array(),
                            event.cursor(),
                            event.remaining());
            if (size != unpackedSize) {
                throw corrupt(new IOException(size + " bytes came out of it"));
            }
        } catch (ZstdException e) {
            throw corrupt(new IOException(e));
        }
        return new ByteArrayInputStream(unpacked);
    }

    /// @param event of which only the beginning is here, with the cursor at the body
    /// @param rest of the event
    TransactionPayload(EventBytes event, boolean checksummed, ByteSource rest) {
        readFields(event);
        streamed = new StreamedPayload(event, checksummed, rest);
        in = unpacked(streamed);
    }

    private InputStream unpacked(InputStream payload) {
        if (compression == NONE) {
            return payload;
        }
        if (compression != ZSTD) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "a transaction is compressed by method "
                            + compression
                            + ", which this service does not know");
        }
        try {
            return new ZstdInputStream(payload);
        } catch (IOException e) {
            throw corrupt(e);
        }
    }

    private void readFields(EventBytes event) {
        while (true) {
            long type = event.packed();
            if (type == END_MARK) {
                return;
            }
            int outer = event.narrow(event.packedLength());
            if (type == COMPRESSION_TYPE) {
                compression = (int) event.packed();
            } else if (type == UNCOMPRESSED_SIZE) {
                unpackedSize = event.packed();
            }
            event.widen(outer);
        }
    }

    /// Moves to the next inner event and points the window at it, or at its beginning.
    ///
    /// @param keep whether the event's bytes must stay valid when the next one is read
    Step next(EventBytes event, boolean keep) {
        try {
            if (read < EventBytes.HEADER) {
                if (!readTo(EventBytes.HEADER)) {
                    return end();
                }
                begin(keep);
            }
            boolean isLarge = size > PacketInput.LARGEST_WHOLE;
            int whole = isLarge ? PacketInput.BEGINNING : size;
            if (!readTo(whole)) {
                throw new IOException("the last inner event is cut short");
            }
            read = 0;
            if (isLarge) {
                event.begin(bytes, 0, whole);
                return Step.LARGE_EVENT;
            }
            event.set(bytes, 0, size, false);
            return Step.EVENT;
        } catch (SocketTimeoutException _) {
            return Step.NOTHING;
        } catch (IOException e) {
            throw corrupt(e);
        }
    }

    /// Leaves the bytes of the event that was read last as they are for good.
    void keep() {
        buffer = new byte[Math.min(buffer.length, LARGEST_SHARED)];
    }

    /// Reads on until that much of the event is there; false where the payload ends in front of it.
    private boolean readTo(int wanted) throws IOException {
        bytes = read == 0 ? buffer : bytes;
        while (read < wanted) {
            int count = in.read(bytes, read, wanted - read);
            if (count < 0 && read == 0) {
                return false;
            }
            if (count < 0) {
                throw new IOException("the last inner event is cut short");
            }
            read += count;
        }
        return true;
    }

    /// The header is there.
    private void begin(boolean keep) throws IOException {
        long told = 0;
        for (int i = 12; i >= 9; i--) {
            told = told << 8 | (bytes[i] & 0xFF);
        }
        if (told < EventBytes.HEADER || told > LARGEST_EVENT || told > unpackedSize) {
            throw new IOException("an inner event has the size " + told);
        }
        size = (int) told;
        if (size > PacketInput.LARGEST_WHOLE) {
            return;
        }
        if (keep || size > buffer.length) {
            byte[] whole = new byte[size];
            System.arraycopy(buffer, 0, whole, 0, EventBytes.HEADER);
            bytes = whole;
            buffer = keep ? buffer : whole;
        }
    }

    private Step end() throws IOException {
        if (streamed != null) {
            streamed.checkEnd();
        }
        return Step.END;
    }

    /// Reads the rest of the event of which only the beginning is here; as [ByteSource#read].
    int readOn(byte[] into, int offset, int most) throws IOException {
        try {
            return in.read(into, offset, most);
        } catch (SocketTimeoutException _) {
            return 0;
        }
    }

    static SourceException corrupt(IOException e) {
        return new SourceException(
                FailureCode.CORRUPT_EVENT,
                "a compressed transaction cannot be unpacked: " + e.getMessage(),
                e);
    }

    /// Lets go of what unpacking takes outside of the heap. Any thread; waits for a read.
    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException _) {
            // It is closed as far as it ever will be.
        }
    }
}
