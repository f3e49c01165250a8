package io.fustor.source.mysql.encode;

/// Takes a value's text out of its JSON: what stands in the quotes of a string without its escapes,
/// and anything else as it is. The JSON may come in pieces. For one thread.
final class ValueText implements JsonBuffer.Outlet {

    private final Taker taker;
    private final byte[] piece = new byte[512];
    private int size;
    private boolean isBegun;
    private boolean isString;
    private boolean isEscaped;
    private int hexLeft;
    private int hex;

    /// Takes a piece of the text, which is good until the call returns.
    interface Taker {
        void take(byte[] text, int length);
    }

    ValueText(Taker taker) {
        this.taker = taker;
    }

    void begin() {
        isBegun = false;
        isString = false;
        isEscaped = false;
        hexLeft = 0;
        size = 0;
    }

    @Override
    public void take(byte[] json, int from, int length) {
        for (int at = from; at < from + length; at++) {
            take(json[at]);
        }
    }

    void end() {
        taker.take(piece, size);
        size = 0;
    }

    private void take(byte one) {
        if (!isBegun) {
            isBegun = true;
            isString = one == '"';
            if (isString) {
                return;
            }
        }
        if (!isString) {
            add(one);
        } else if (hexLeft > 0) {
            hex = 16 * hex + Character.digit(one, 16);
            if (--hexLeft == 0) {
                // Escapes in hexadecimal are those of control characters.
                add((byte) hex);
            }
        } else if (isEscaped) {
            isEscaped = false;
            unescape(one);
        } else if (one == '\\') {
            isEscaped = true;
        } else if (one != '"') {
            add(one);
        }
    }

    private void unescape(byte one) {
        switch (one) {
            case 'b' -> add((byte) '\b');
            case 't' -> add((byte) '\t');
            case 'n' -> add((byte) '\n');
            case 'f' -> add((byte) '\f');
            case 'r' -> add((byte) '\r');
            case 'u' -> {
                hexLeft = 4;
                hex = 0;
            }
            default -> add(one);
        }
    }

    private void add(byte one) {
        if (size == piece.length) {
            end();
        }
        piece[size++] = one;
    }
}
