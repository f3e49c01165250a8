package io.fustor.source.mysql.support;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// A frame of HTTP/2 (RFC 9113).
///
/// @param stream 0 for the connection
public record Http2Frame(int type, int flags, int stream, byte[] payload) {

    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int ACK = 1;
    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;

    /// SETTINGS_INITIAL_WINDOW_SIZE.
    public static final int INITIAL_WINDOW = 4;

    public static Http2Frame settings(int setting, int value) {
        var payload = ByteBuffer.allocate(6).putShort((short) setting).putInt(value).array();
        return new Http2Frame(SETTINGS, 0, 0, payload);
    }

    public static Http2Frame windowUpdate(int stream, int bytes) {
        return new Http2Frame(WINDOW_UPDATE, 0, stream, number(bytes));
    }

    public static Http2Frame reset(int stream, int code) {
        return new Http2Frame(RST_STREAM, 0, stream, number(code));
    }

    public static Http2Frame ping(long number) {
        return new Http2Frame(PING, 0, 0, ByteBuffer.allocate(8).putLong(number).array());
    }

    /// The pseudo fields' numbers in HPACK's table; Tomcat takes no other names for them.
    private static final Map<String, Integer> PSEUDO =
            Map.of(":authority", 1, ":method", 2, ":path", 4, ":scheme", 6);

    /// A head whose values are literals.
    public static byte[] head(List<Map.Entry<String, String>> fields) {
        var block = ByteBuffer.allocate(64 * 1024);
        for (var field : fields) {
            Integer index = PSEUDO.get(field.getKey());
            if (index != null) {
                block.put(index.byteValue());
            } else {
                block.put((byte) 0);
                put(block, field.getKey());
            }
            put(block, field.getValue());
        }
        var bytes = new byte[block.position()];
        block.flip().get(bytes);
        return bytes;
    }

    private static void put(ByteBuffer block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int rest = bytes.length;
        if (rest < 127) {
            block.put((byte) rest);
        } else {
            block.put((byte) 127);
            for (rest -= 127; rest >= 128; rest >>= 7) {
                block.put((byte) (rest & 127 | 128));
            }
            block.put((byte) rest);
        }
        block.put(bytes);
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    static Http2Frame read(DataInputStream in) throws IOException {
        int lengthAndType = in.readInt();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        byte[] payload = new byte[lengthAndType >>> 8];
        in.readFully(payload);
        return new Http2Frame(lengthAndType & 0xff, flags, stream, payload);
    }

    byte[] bytes() {
        return ByteBuffer.allocate(9 + payload.length)
                .putInt(payload.length << 8 | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /// The payload of a frame that begins with a number.
    int number() {
        return ByteBuffer.wrap(payload).getInt();
    }
}
