package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One answer on a connection that stays open, while it arrives: its head, and its body of a known
/// length or in chunks.
final class PageBody {

    private static final int CHUNK_LINE = -1;

    private final StringBuilder head = new StringBuilder();
    private final StringBuilder line = new StringBuilder();
    private int lineFeeds;
    private boolean isChunked;
    private boolean isOver;

    /// Whether the chunk of length zero came.
    private boolean isLast;

    /// Bytes of the body, or of the chunk, that are still to come.
    private long left;

    /// Gets the bytes of the body.
    interface Taker {
        void take(byte[] piece, int from, int to);
    }

    boolean isOver() {
        return isOver;
    }

    int status() {
        return Integer.parseInt(head, 9, 12, 10);
    }

    /// A header's value, or an empty text.
    String header(String name) {
        String lower = head.toString().toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\n" + name + ": ");
        if (at < 0) {
            return "";
        }
        int from = at + name.length() + 3;
        return head.substring(from, head.indexOf("\r", from));
    }

    /// Takes what arrived; nothing may follow the answer.
    void take(byte[] piece, int length, Taker body) throws IOException {
        int at = 0;
        while (at < length && lineFeeds < 2) {
            byte next = piece[at++];
            head.append((char) next);
            lineFeeds = next == '\n' ? lineFeeds + 1 : next == '\r' ? lineFeeds : 0;
            if (lineFeeds == 2) {
                begin();
            }
        }
        while (at < length && !isOver) {
            if (left == CHUNK_LINE) {
                takeLine(piece[at++]);
                continue;
            }
            int part = (int) Math.min(left, length - at);
            body.take(piece, at, at + part);
            at += part;
            left -= part;
            if (left == 0) {
                isOver = !isChunked;
                left = isChunked ? CHUNK_LINE : 0;
            }
        }
        if (at < length) {
            String rest = new String(piece, at, length - at, StandardCharsets.US_ASCII);
            throw new IOException("after the answer came " + rest);
        }
    }

    private void begin() {
        isChunked = header("transfer-encoding").equals("chunked");
        String size = header("content-length");
        left = isChunked ? CHUNK_LINE : size.isEmpty() ? 0 : Long.parseLong(size);
        isOver = left == 0;
    }

    /// The line before a chunk; that after the one before is empty.
    private void takeLine(byte next) {
        if (next != '\n') {
            line.append((char) next);
            return;
        }
        String text = line.toString().strip();
        line.setLength(0);
        if (isLast) {
            isOver = true;
        } else if (!text.isEmpty()) {
            left = Long.parseLong(text, 16);
            if (left == 0) {
                isLast = true;
                left = CHUNK_LINE;
            }
        }
    }
}
