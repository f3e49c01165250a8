package io.fustor.source.mysql.encode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;

/// Writes in the place of a column's values what a mask makes of them. It reads each value by the
/// codec that would write it, and lets go of what that writes piece by piece, so that a large value
/// is not in memory a second time. For one thread at a time.
final class MaskedCodec implements CellCodec {

    private final CellCodec inner;
    private final Writer writer;
    private final ValueText text;
    private final JsonBuffer passed = new JsonBuffer();

    /// Takes a value's text, then writes what stands in its place.
    private interface Writer extends ValueText.Taker {
        void begin();

        void write(JsonBuffer out);
    }

    private MaskedCodec(CellCodec inner, Writer writer) {
        this.inner = inner;
        this.writer = writer;
        this.text = new ValueText(writer);
    }

    /// @param inner writes the values in the format `fustor`: masks say the same in both formats
    static CellCodec of(Mask mask, CellCodec inner) {
        return new MaskedCodec(
                inner,
                switch (mask) {
                    case Mask.Hmac(MaskKey key) -> new Code(key.mac());
                    case Mask.Truncate(int characters) -> new Beginning(characters);
                    case Mask.Null _ -> new Same("null".getBytes(StandardCharsets.US_ASCII));
                    case Mask.Fixed(String fixed) -> {
                        JsonBuffer quoted = new JsonBuffer();
                        quoted.string(fixed);
                        yield new Same(Arrays.copyOf(quoted.array(), quoted.size()));
                    }
                });
    }

    @Override
    public int write(byte[] row, int at, JsonBuffer out) {
        writer.begin();
        text.begin();
        passed.reset();
        passed.overflowTo(text);
        int end = inner.write(row, at, passed);
        text.take(passed.array(), 0, passed.size());
        text.end();
        writer.write(out);
        return end;
    }

    private record Code(Mac mac) implements Writer {
        @Override
        public void begin() {
            mac.reset();
        }

        @Override
        public void take(byte[] text, int length) {
            mac.update(text, 0, length);
        }

        @Override
        public void write(JsonBuffer out) {
            out.put('"');
            out.write(Base64.getUrlEncoder().withoutPadding().encode(mac.doFinal()));
            out.put('"');
        }
    }

    private static final class Beginning implements Writer {

        private final int characters;
        private final byte[] kept;
        private int count;
        private int size;
        private boolean isFull;

        Beginning(int characters) {
            this.characters = characters;
            this.kept = new byte[4 * characters];
        }

        @Override
        public void begin() {
            count = 0;
            size = 0;
            isFull = false;
        }

        @Override
        public void take(byte[] text, int length) {
            for (int i = 0; i < length && !isFull; i++) {
                boolean isFirst = (text[i] & 0xC0) != 0x80;
                isFull = isFirst && ++count > characters;
                if (!isFull) {
                    kept[size++] = text[i];
                }
            }
        }

        @Override
        public void write(JsonBuffer out) {
            out.utf8String(kept, 0, size);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Same(byte[] json) implements Writer {
        @Override
        public void begin() {
            // Nothing depends on the value.
        }

        @Override
        public void take(byte[] text, int length) {
            // Nothing depends on the value.
        }

        @Override
        public void write(JsonBuffer out) {
            out.write(json);
        }
    }
}
