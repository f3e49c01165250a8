package io.fustor.source.mysql.encode;

import java.util.Arrays;

/// The bytes of one value in the form in which values compare: a part of a row where they stand in
/// it like that, else a copy in room that is kept. For one thread.
final class LoadedBytes {

    private byte[] made = new byte[64];
    private byte[] array = made;
    private int from;
    private int to;

    /// The value is a part of a row.
    void set(byte[] row, int start, int end) {
        array = row;
        from = start;
        to = end;
    }

    /// The value is what is appended from here on.
    void start() {
        set(made, 0, 0);
    }

    void append(byte[] source, int start, int length) {
        room(length);
        System.arraycopy(source, start, made, to, length);
        to += length;
    }

    void zeros(int length) {
        room(length);
        Arrays.fill(made, to, to + length, (byte) 0);
        to += length;
    }

    /// Appends a character in UTF-8.
    void append(int character) {
        room(4);
        if (character < 0x80) {
            made[to++] = (byte) character;
        } else if (character < 0x800) {
            made[to++] = (byte) (0xC0 | character >> 6);
            made[to++] = (byte) (0x80 | (character & 0x3F));
        } else if (character < 0x10000) {
            made[to++] = (byte) (0xE0 | character >> 12);
            made[to++] = (byte) (0x80 | (character >> 6 & 0x3F));
            made[to++] = (byte) (0x80 | (character & 0x3F));
        } else {
            made[to++] = (byte) (0xF0 | character >> 18);
            made[to++] = (byte) (0x80 | (character >> 12 & 0x3F));
            made[to++] = (byte) (0x80 | (character >> 6 & 0x3F));
            made[to++] = (byte) (0x80 | (character & 0x3F));
        }
    }

    /// Room of so many bytes that are written by others and are the value then.
    byte[] take(int length) {
        start();
        room(length);
        to = length;
        return made;
    }

    private void room(int length) {
        if (to + length > made.length) {
            made = Arrays.copyOf(made, Math.max(2 * made.length, to + length));
            array = made;
        }
    }

    byte[] array() {
        return array;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }
}
