package io.fustor.source.mysql.page;

import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.encode.JsonBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/// The body of a page: a JSON array with one change a line.
final class PageAnswer {

    private static final byte[] EMPTY = ascii("[]\n");
    private static final byte[] OPEN = ascii("[\n");
    private static final byte[] CLOSE = ascii("\n]\n");

    /// What follows an element in the frames, and does not follow the last one.
    private static final int SEPARATOR = ",\n".length();

    private static final int TAG_BYTES = 18;

    private final Page page;

    PageAnswer(Page page) {
        this.page = page;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// A strong entity tag: equal for equal bytes and headers.
    ///
    /// @param next the offset after the page
    /// @param coding of the bytes
    String tag(String next, ContentCoding coding) {
        MessageDigest digest = sha256();
        try {
            write(
                    new OutputStream() {
                        @Override
                        public void write(int one) {
                            digest.update((byte) one);
                        }

                        @Override
                        public void write(byte[] bytes, int from, int length) {
                            digest.update(bytes, from, length);
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        digest.update(ascii(next));
        digest.update((byte) (page.end() == Page.End.TAIL ? 1 : 0));
        byte[] tag = Arrays.copyOf(digest.digest(), TAG_BYTES);
        String suffix = coding == ContentCoding.IDENTITY ? "" : "-" + coding.token();
        return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(tag) + suffix + '"';
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Writes the body.
    void write(OutputStream out) throws IOException {
        Page.Large large = page.large();
        if (large != null) {
            write(large, out);
            return;
        }
        JsonBuffer elements = page.elements();
        if (elements.size() == 0) {
            out.write(EMPTY);
            return;
        }
        out.write(OPEN);
        out.write(elements.array(), 0, elements.size() - SEPARATOR);
        out.write(CLOSE);
    }

    /// A condition may leave no row of the event.
    private void write(Page.Large large, OutputStream out) throws IOException {
        JsonBuffer last = new JsonBuffer();
        Pieces pieces = new Pieces(out);
        try {
            large.encodeInPieces(last, pieces);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (!pieces.isBegun && last.size() == 0) {
            out.write(EMPTY);
            return;
        }
        pieces.begin();
        out.write(last.array(), 0, last.size() - SEPARATOR);
        out.write(CLOSE);
    }

    private static final class Pieces implements JsonBuffer.Outlet {

        private final OutputStream out;
        private boolean isBegun;

        private Pieces(OutputStream out) {
            this.out = out;
        }

        private void begin() throws IOException {
            if (!isBegun) {
                isBegun = true;
                out.write(OPEN);
            }
        }

        @Override
        public void take(byte[] bytes, int from, int length) {
            try {
                begin();
                out.write(bytes, from, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
