package io.fustor.source.mysql.binlog;

import java.io.IOException;
import java.util.Arrays;

/// The events of a payload that was decompressed as a whole.
final class WholePayload implements PayloadEvents {

    private final PayloadHead head;
    private final byte[] bytes;
    private final int end;
    private int at;

    /// @param event with the cursor at the payload
    WholePayload(EventBytes event, PayloadHead head, PayloadUnpacker unpacker) {
        this.head = head;
        end = (int) head.unpackedSize();
        try {
            bytes = unpacker.unpack(event, end);
        } catch (IOException e) {
            throw PayloadHead.corrupt(e);
        }
    }

    /// A rows event gets bytes of its own, since it may be kept and the others need not be.
    @Override
    public Step next(EventBytes event, boolean keep) {
        if (at == end) {
            return Step.END;
        }
        try {
            int size = end - at < EventBytes.HEADER ? EventBytes.HEADER : head.sizeOf(bytes, at);
            if (size > end - at) {
                throw new IOException("the last inner event is truncated");
            }
            event.set(bytes, at, at + size, false);
            if (keep || EventType.operation(event.type()) != null) {
                event.set(Arrays.copyOfRange(bytes, at, at + size), 0, size, false);
            }
            at += size;
            return Step.EVENT;
        } catch (IOException e) {
            throw PayloadHead.corrupt(e);
        }
    }

    @Override
    public void keep() {}

    @Override
    public int readOn(byte[] into, int offset, int most) {
        throw new IllegalStateException("all events are whole");
    }

    @Override
    public void close() {}
}
