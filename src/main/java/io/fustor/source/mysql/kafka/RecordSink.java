package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.encode.RecordKind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Takes the frames of a delivery apart and hands them to the [RecordTransactions].
///
/// For the writer's thread.
final class RecordSink extends OutputStream {

    private static final byte CONTROL = '!';
    private static final byte HEARTBEAT = '.';
    private static final byte[] NONE = {};

    private final RecordTransactions transactions;
    private final int longest;

    /// The beginning of a frame whose end has not come yet.
    private byte[] part = NONE;

    private int partLength;

    private byte[] topicBytes = NONE;
    private String topic = "";

    /// One record of a table's row.
    ///
    /// @param token of the place after the row
    /// @param key null if the table has none
    /// @param otherKey of the other half of an update that changed the key; null if it is no half
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(
            RecordKind kind,
            byte[] token,
            String topic,
            byte @Nullable [] key,
            byte @Nullable [] otherKey,
            byte[] value) {}

    /// @param longest how long a frame may be, in bytes
    RecordSink(RecordTransactions transactions, int longest) {
        this.transactions = transactions;
        this.longest = longest;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        int end = from + length;
        int start = from;
        for (int at = from; at < end; at++) {
            if (bytes[at] == '\n') {
                take(bytes, start, at);
                start = at + 1;
            }
        }
        keep(bytes, start, end);
    }

    private void keep(byte[] bytes, int from, int to) throws IOException {
        int length = partLength + to - from;
        if (length > longest) {
            throw transactions.tooLarge(length);
        }
        if (length > part.length) {
            part = Arrays.copyOf(part, Math.max(length, 2 * part.length));
        }
        System.arraycopy(bytes, from, part, partLength, to - from);
        partLength = length;
    }

    private void take(byte[] bytes, int from, int to) throws IOException {
        if (partLength == 0) {
            frame(bytes, from, to);
            return;
        }
        keep(bytes, from, to);
        int length = partLength;
        partLength = 0;
        frame(part, 0, length);
        part = NONE;
    }

    private void frame(byte[] bytes, int from, int to) throws IOException {
        switch (bytes[from]) {
            case HEARTBEAT -> transactions.moved(Arrays.copyOfRange(bytes, from + 1, to));
            case CONTROL -> control(bytes, from, to);
            default -> row(bytes, from, to);
        }
    }

    private void control(byte[] bytes, int from, int to) {
        int name = tab(bytes, from, to);
        int token = tab(bytes, name + 1, to);
        if (token > name + 1) {
            transactions.moved(Arrays.copyOfRange(bytes, name + 1, token));
        }
    }

    private void row(byte[] bytes, int from, int to) throws IOException {
        int token = tab(bytes, from, to);
        int name = tab(bytes, token + 1, to);
        int key = tab(bytes, name + 1, to);
        int other = tab(bytes, key + 1, to);
        if (!Arrays.equals(bytes, token + 1, name, topicBytes, 0, topicBytes.length)) {
            topicBytes = Arrays.copyOfRange(bytes, token + 1, name);
            topic = new String(topicBytes, StandardCharsets.US_ASCII);
            transactions.enter(topic);
        }
        transactions.add(
                new Row(
                        RecordKind.of(bytes[from]),
                        Arrays.copyOfRange(bytes, from + 1, token),
                        topic,
                        partOrNull(bytes, name + 1, key),
                        partOrNull(bytes, key + 1, other),
                        Arrays.copyOfRange(bytes, other + 1, to)));
    }

    private static byte @Nullable [] partOrNull(byte[] bytes, int from, int to) {
        return from == to ? null : Arrays.copyOfRange(bytes, from, to);
    }

    private static int tab(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\t') {
                return at;
            }
        }
        throw new IllegalStateException("a frame lacks a part");
    }

    @Override
    public void flush() throws IOException {
        transactions.pause();
    }
}
