package io.fustor.source.mysql.page;

import io.fustor.source.mysql.position.StreamOffset;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Writes pages as Server-Sent Events: an event `data` with the page's array, unless it is empty,
/// and an event `control` with the place after it.
///
/// For the request's thread.
final class PageEvents {

    private static final byte[] START_OF_DATA = ascii("event: data\n");
    private static final byte[] FIELD = ascii("data: ");

    private final OutputStream out;

    PageEvents(OutputStream out) {
        this.out = out;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Writes and flushes a page.
    ///
    /// @param next the place after the page
    void write(Page page, PageAnswer answer, StreamOffset next, String cursor) throws IOException {
        if (!page.isEmpty()) {
            out.write(START_OF_DATA);
            answer.write(new Lines(out));
            out.write('\n');
        }
        String upToDate = page.end() == Page.End.TAIL ? ",\"upToDate\":true" : "";
        out.write(
                ascii(
                        "event: control\ndata: {\"streamNextOffset\":\"%s\",\"streamCursor\":\"%s\"%s}\n\n"
                                .formatted(next, cursor, upToDate)));
        out.flush();
    }

    /// Puts the name of the field before each line.
    private static final class Lines extends FilterOutputStream {

        private boolean isInLine;

        private Lines(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte @Nullable [] bytes, int from, int length) throws IOException {
            byte[] given = Objects.requireNonNull(bytes);
            int end = from + length;
            int start = from;
            for (int at = from; at < end; at++) {
                if (given[at] == '\n') {
                    writePart(given, start, at + 1);
                    isInLine = false;
                    start = at + 1;
                }
            }
            if (start < end) {
                writePart(given, start, end);
            }
        }

        private void writePart(byte[] bytes, int from, int to) throws IOException {
            if (!isInLine) {
                out.write(FIELD);
                isInLine = true;
            }
            out.write(bytes, from, to - from);
        }
    }
}
