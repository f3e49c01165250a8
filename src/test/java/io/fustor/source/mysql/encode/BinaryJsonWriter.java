package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Writes MySQL's binary JSON, for tests: plainly, as the comment in the server's `json_binary.h`
/// describes it.
final class BinaryJsonWriter {

    /// A value of an opaque type.
    @SuppressWarnings("ArrayRecordComponent")
    record Opaque(int type, byte[] data) {}

    private final boolean large;

    /// @param large whether containers are of the large format
    BinaryJsonWriter(boolean large) {
        this.large = large;
    }

    /// Maps are written in their own order.
    byte[] document(Object value) {
        var out = new ByteArrayOutputStream();
        out.write(type(value));
        out.writeBytes(data(value));
        return out.toByteArray();
    }

    private int type(Object value) {
        return switch (value) {
            case Map<?, ?> _ -> large ? 1 : 0;
            case List<?> _ -> large ? 3 : 2;
            case String s when s.equals("\0null") -> 4;
            case Boolean _ -> 4;
            case Short _ -> 5;
            case Character _ -> 6;
            case Integer _ -> 7;
            case Long _ -> 9;
            case BigInteger _ -> 10;
            case Double _ -> 11;
            case String _ -> 12;
            case BigDecimal _, Opaque _ -> 15;
            default -> throw new IllegalArgumentException(value.toString());
        };
    }

    private byte[] data(Object value) {
        return switch (value) {
            case Map<?, ?> map -> container(List.copyOf(map.keySet()), List.copyOf(map.values()));
            case List<?> list -> container(null, list);
            case String s when s.equals("\0null") -> new byte[] {0};
            case Boolean b -> new byte[] {(byte) (b ? 1 : 2)};
            case Short s -> little(s, 2);
            case Character c -> little(c, 2);
            case Integer i -> little(i, 4);
            case Long l -> little(l, 8);
            case BigInteger big -> little(big.longValue(), 8);
            case Double d -> little(Double.doubleToRawLongBits(d), 8);
            case String s -> prefixed(s.getBytes(UTF_8));
            case BigDecimal decimal -> opaque(new Opaque(246, decimal(decimal)));
            case Opaque opaque -> opaque(opaque);
            default -> throw new IllegalArgumentException(value.toString());
        };
    }

    private static byte[] decimal(BigDecimal value) {
        int precision = Math.max(value.precision(), value.scale());
        byte[] packed = DecimalTextTests.packed(precision, value.scale(), value);
        byte[] data = new byte[packed.length + 2];
        data[0] = (byte) precision;
        data[1] = (byte) value.scale();
        System.arraycopy(packed, 0, data, 2, packed.length);
        return data;
    }

    private static byte[] opaque(Opaque opaque) {
        byte[] rest = prefixed(opaque.data());
        byte[] bytes = new byte[rest.length + 1];
        bytes[0] = (byte) opaque.type();
        System.arraycopy(rest, 0, bytes, 1, rest.length);
        return bytes;
    }

    private byte[] container(List<?> keys, List<?> values) {
        int width = large ? 4 : 2;
        int count = values.size();
        int header = 2 * width + (keys == null ? 0 : count * (width + 2)) + count * (width + 1);
        var keyEntries = new ByteArrayOutputStream();
        var valueEntries = new ByteArrayOutputStream();
        var heap = new ByteArrayOutputStream();
        for (Object key : keys == null ? List.of() : keys) {
            byte[] name = key.toString().getBytes(UTF_8);
            keyEntries.writeBytes(little(header + heap.size(), width));
            keyEntries.writeBytes(little(name.length, 2));
            heap.writeBytes(name);
        }
        for (Object value : values) {
            valueEntries.write(type(value));
            byte[] data = data(value);
            boolean inEntry = type(value) >= 4 && type(value) <= 6 || type(value) == 7 && large;
            if (inEntry) {
                valueEntries.writeBytes(Arrays.copyOf(data, width));
            } else {
                valueEntries.writeBytes(little(header + heap.size(), width));
                heap.writeBytes(data);
            }
        }
        var out = new ByteArrayOutputStream();
        out.writeBytes(little(count, width));
        out.writeBytes(little(header + heap.size(), width));
        out.writeBytes(keyEntries.toByteArray());
        out.writeBytes(valueEntries.toByteArray());
        out.writeBytes(heap.toByteArray());
        return out.toByteArray();
    }

    private static byte[] prefixed(byte[] data) {
        var out = new ByteArrayOutputStream();
        int length = data.length;
        while (length > 127) {
            out.write(length & 127 | 128);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(data);
        return out.toByteArray();
    }

    static byte[] little(long value, int width) {
        byte[] bytes = new byte[width];
        for (int i = 0; i < width; i++) {
            bytes[i] = (byte) (value >> (8 * i));
        }
        return bytes;
    }

    /// Arrays in arrays, so many of them.
    static Object nested(int depth) {
        Object value = new ArrayList<>();
        for (int i = 1; i < depth; i++) {
            value = List.of(value);
        }
        return value;
    }
}
