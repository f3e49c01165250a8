package io.fustor.source.mysql.binlog;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.ZstdInputStream;
import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/// The events inside a compressed transaction, decompressed one by one on request. A payload of
/// more than 1 MiB is decompressed while it is received. Source: the server's
/// `Transaction_payload_event`: fields (type, length, value) up to an end mark, then the payload.
///
/// For one thread, except [#close].
final class TransactionPayload implements AutoCloseable {

    private static final int END_MARK = 0;
    private static final int COMPRESSION_TYPE = 2;
    private static final int UNCOMPRESSED_SIZE = 3;
    private static final int ZSTD = 0;
    private static final int NONE = 255;
    private static final int LARGEST_EVENT = 1 << 30;

    /// The largest buffer that is shared by successive events if none is to be kept.
    private static final int LARGEST_SHARED = 16 * 1024;

    private final @Nullable StreamedPayload streamed;
    private final InputStream in;
    private int compression = NONE;
    private long unpackedSize = LARGEST_EVENT;

    private byte[] buffer = new byte[LARGEST_SHARED];

    /// The inner event under construction, and how much of it has arrived.
    private byte[] bytes = buffer;

    private int read;
    private int size;

    /// The result of a step.
    enum Step {
        EVENT,
        /// Only the beginning of an event is here; [#readOn] reads the rest.
        LARGE_EVENT,
        /// Nothing arrived within about a second.
        NOTHING,
        END
    }

    /// @param event with the cursor at the body, whose bytes stay unchanged until the last inner
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

    /// A stream allocates buffers, which takes longer than decompressing a small payload at once.
    private InputStream unpackedAtOnce(EventBytes event) {
        ZstdLibrary.require();
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
                throw corrupt(new IOException(size + " bytes resulted from it"));
            }
        } catch (ZstdException e) {
            throw corrupt(new IOException(e));
        }
        return new ByteArrayInputStream(unpacked);
    }

    /// @param event only its beginning, with the cursor at the body
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
                    "a transaction is compressed with method "
                            + compression
                            + ", which this service does not support");
        }
        ZstdLibrary.require();
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
    /// @param keep whether the event's bytes must stay valid after the next one is read
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
                throw new IOException("the last inner event is truncated");
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

    /// Keeps the bytes of the last event unchanged permanently.
    void keep() {
        buffer = new byte[Math.min(buffer.length, LARGEST_SHARED)];
    }

    /// Reads until this much of the event has arrived; false if the payload ends before.
    private boolean readTo(int wanted) throws IOException {
        bytes = read == 0 ? buffer : bytes;
        while (read < wanted) {
            int count = in.read(bytes, read, wanted - read);
            if (count < 0 && read == 0) {
                return false;
            }
            if (count < 0) {
                throw new IOException("the last inner event is truncated");
            }
            read += count;
        }
        return true;
    }

    /// The header is complete.
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

    /// Reads more of an event of which only the beginning is here; as [ByteSource#read].
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
                "a compressed transaction cannot be decompressed: " + e.getMessage(),
                e);
    }

    /// Releases memory outside the heap. Any thread may call this; waits for a read to end.
    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException _) {
            // Nothing more can be closed.
        }
    }
}
