package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;

/// What stands before the payload of a compressed transaction. Source: the server's
/// `Transaction_payload_event`: fields (type, length, value) up to an end mark.
///
/// @param compression of the payload
/// @param unpackedSize of the payload, by the server's word; negative where it is beyond 2^63
record PayloadHead(int compression, long unpackedSize) {

    static final int ZSTD = 0;
    static final int NONE = 255;

    private static final int LARGEST_EVENT = 1 << 30;

    private static final int END_MARK = 0;
    private static final int COMPRESSION_TYPE = 2;
    private static final int UNCOMPRESSED_SIZE = 3;

    /// Reads it and moves to the payload.
    ///
    /// @param event with the cursor at the body
    static PayloadHead read(EventBytes event) {
        int compression = NONE;
        long unpackedSize = LARGEST_EVENT;
        while (true) {
            long type = event.packed();
            if (type == END_MARK) {
                return new PayloadHead(compression, unpackedSize);
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

    /// The size of an inner event, by its header.
    ///
    /// @throws IOException where no event of this payload can have it
    int sizeOf(byte[] bytes, int header) throws IOException {
        long size = EventBytes.sizeOf(bytes, header);
        if (size < EventBytes.HEADER || size > LARGEST_EVENT || size > unpackedSize) {
            throw new IOException("an inner event has the size " + size);
        }
        return (int) size;
    }

    /// Whether the payload may be decompressed as a whole.
    boolean isSmall() {
        return compression == ZSTD
                && unpackedSize >= 0
                && unpackedSize <= PacketInput.LARGEST_WHOLE;
    }

    static SourceException corrupt(IOException e) {
        return new SourceException(
                FailureCode.CORRUPT_EVENT,
                "a compressed transaction cannot be decompressed: " + e.getMessage(),
                e);
    }
}
