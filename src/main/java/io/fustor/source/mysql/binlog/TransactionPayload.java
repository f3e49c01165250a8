package io.fustor.source.mysql.binlog;

import com.github.luben.zstd.ZstdInputStream;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// The events inside a compressed transaction, unpacked one by one as they are asked for. Source:
/// the server's `Transaction_payload_event`: fields (type, length, value) up to an end mark, and
/// then the payload.
final class TransactionPayload {

    private static final int END_MARK = 0;
    private static final int COMPRESSION_TYPE = 2;
    private static final int ZSTD = 0;
    private static final int NONE = 255;
    private static final int FIRST_ROOM = 1 << 20;
    private static final int LARGEST_EVENT = 1 << 30;

    private final InputStream in;
    private byte[] buffer = new byte[16 * 1024];

    /// @param event with the cursor at the body, whose bytes stay as they are until the last inner
    ///   event is read
    TransactionPayload(EventBytes event) {
        int compression = readFields(event);
        InputStream payload =
                new ByteArrayInputStream(event.array(), event.cursor(), event.remaining());
        if (compression == ZSTD) {
            try {
                in = new ZstdInputStream(payload);
            } catch (IOException e) {
                throw corrupt(e);
            }
        } else if (compression == NONE) {
            in = payload;
        } else {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "a transaction is compressed by method "
                            + compression
                            + ", which this service does not know");
        }
    }

    private static int readFields(EventBytes event) {
        int compression = NONE;
        while (true) {
            long type = event.packed();
            if (type == END_MARK) {
                return compression;
            }
            int outer = event.narrow(event.packedLength());
            if (type == COMPRESSION_TYPE) {
                compression = (int) event.packed();
            }
            event.widen(outer);
        }
    }

    /// Points the window at the next inner event.
    ///
    /// @param keep whether the event's bytes must stay valid when the next one is read
    /// @return false behind the last one
    boolean next(EventBytes event, boolean keep) {
        try {
            byte[] header = keep ? new byte[EventBytes.HEADER] : buffer;
            int read = in.readNBytes(header, 0, EventBytes.HEADER);
            if (read == 0) {
                return false;
            }
            long size = 0;
            for (int i = 12; i >= 9; i--) {
                size = size << 8 | (header[i] & 0xFF);
            }
            if (read < EventBytes.HEADER || size < EventBytes.HEADER || size > LARGEST_EVENT) {
                throw corrupt(new IOException("an inner event has the size " + size));
            }
            event.set(body(header, (int) size, keep), 0, (int) size, false);
            return true;
        } catch (IOException e) {
            throw corrupt(e);
        }
    }

    /// Reads the rest of an event. What its header says of its size may be wrong, so that a large
    /// one takes no more memory than twice what is there of it.
    private byte[] body(byte[] header, int size, boolean keep) throws IOException {
        int room = Math.min(size, FIRST_ROOM);
        byte[] bytes = room(header, room, keep);
        int read = EventBytes.HEADER;
        while (true) {
            read += in.readNBytes(bytes, read, room - read);
            if (read < room) {
                throw corrupt(new IOException("the last inner event is cut short"));
            }
            if (read == size) {
                return bytes;
            }
            room = (int) Math.min(size, 2L * room);
            bytes = room > bytes.length ? Arrays.copyOf(bytes, room) : bytes;
            buffer = keep ? buffer : bytes;
        }
    }

    private byte[] room(byte[] header, int size, boolean keep) {
        if (keep || size > buffer.length) {
            byte[] bytes = new byte[size];
            System.arraycopy(header, 0, bytes, 0, EventBytes.HEADER);
            if (!keep) {
                buffer = bytes;
            }
            return bytes;
        }
        return buffer;
    }

    private static SourceException corrupt(IOException e) {
        return new SourceException(
                FailureCode.CORRUPT_EVENT,
                "a compressed transaction cannot be unpacked: " + e.getMessage(),
                e);
    }
}
