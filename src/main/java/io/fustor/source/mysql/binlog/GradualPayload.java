package io.fustor.source.mysql.binlog;

import com.github.luben.zstd.ZstdInputStream;
import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/// The events of a payload that is decompressed as they are asked for, and if it is larger than 1
/// MiB while it is received.
final class GradualPayload implements PayloadEvents {

    /// The largest buffer that is shared by successive events if none is to be kept.
    private static final int LARGEST_SHARED = 16 * 1024;

    private final @Nullable StreamedPayload streamed;
    private final InputStream in;
    private final PayloadHead head;

    private byte[] buffer = new byte[LARGEST_SHARED];

    /// The inner event under construction, and how much of it has arrived.
    private byte[] bytes = buffer;

    private int read;
    private int size;

    /// @param event with the cursor at the payload, whose bytes stay unchanged until the last inner
    ///   event is read
    GradualPayload(EventBytes event, PayloadHead head) {
        this.head = head;
        streamed = null;
        in = unpacked(new ByteArrayInputStream(event.array(), event.cursor(), event.remaining()));
    }

    /// @param event only its beginning, with the cursor at the payload
    /// @param rest of the event
    GradualPayload(EventBytes event, PayloadHead head, boolean checksummed, ByteSource rest) {
        this.head = head;
        streamed = new StreamedPayload(event, checksummed, rest);
        in = unpacked(streamed);
    }

    private InputStream unpacked(InputStream payload) {
        if (head.compression() == PayloadHead.NONE) {
            return payload;
        }
        if (head.compression() != PayloadHead.ZSTD) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "a transaction is compressed with method "
                            + head.compression()
                            + ", which this service does not support");
        }
        ZstdLibrary.require();
        try {
            return new ZstdInputStream(payload);
        } catch (IOException e) {
            throw PayloadHead.corrupt(e);
        }
    }

    @Override
    public Step next(EventBytes event, boolean keep) {
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
            throw PayloadHead.corrupt(e);
        }
    }

    @Override
    public void keep() {
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
        size = head.sizeOf(bytes, 0);
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

    @Override
    public int readOn(byte[] into, int offset, int most) throws IOException {
        try {
            return in.read(into, offset, most);
        } catch (SocketTimeoutException _) {
            return 0;
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException _) {
            // Nothing more can be closed.
        }
    }
}
