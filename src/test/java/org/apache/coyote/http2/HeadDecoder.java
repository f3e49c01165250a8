package org.apache.coyote.http2;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/// Reads the heads of responses for the tests' HTTP/2 client, with Tomcat's own reader of HPACK.
public final class HeadDecoder {

    private final HpackDecoder decoder = new HpackDecoder(4096);

    /// @param block of a whole head
    public Map<String, String> decode(byte[] block) {
        var head = new TreeMap<String, String>();
        decoder.setHeaderEmitter(
                new HpackDecoder.HeaderEmitter() {
                    @Override
                    public void emitHeader(String name, String value) {
                        head.merge(name, value, (one, other) -> one + ", " + other);
                    }

                    @Override
                    public void setHeaderException(StreamException e) {
                        throw new IllegalStateException(e);
                    }

                    @Override
                    public void validateHeaders() {}
                });
        try {
            decoder.decode(ByteBuffer.wrap(block));
        } catch (HpackException e) {
            throw new IllegalStateException(e);
        }
        return head;
    }
}
