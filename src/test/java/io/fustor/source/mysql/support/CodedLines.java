package io.fustor.source.mysql.support;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// The lines of a body with a content coding, each as soon as its bytes came. Used by one thread.
final class CodedLines {

    private final InputStream in;
    private final byte[] buffer = new byte[16_384];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int at;
    private int limit;

    private CodedLines(InputStream in) {
        this.in = in;
    }

    static CodedLines of(String coding, InputStream body) throws IOException {
        return new CodedLines(decoded(coding, body));
    }

    /// What is in a body with a content coding.
    static InputStream decoded(String coding, InputStream body) throws IOException {
        return switch (coding) {
            case "gzip" -> new GZIPInputStream(body);
            case "zstd" -> new ZstdInputStream(body);
            default -> throw new AssertionError("no reader asked for " + coding);
        };
    }

    /// The next line without its end, or null where the body ends.
    @Nullable String next() throws IOException {
        while (true) {
            if (at == limit) {
                int count = in.read(buffer);
                if (count < 0) {
                    return line.size() > 0 ? take() : null;
                }
                at = 0;
                limit = count;
            }
            int feed = at;
            while (feed < limit && buffer[feed] != '\n') {
                feed++;
            }
            line.write(buffer, at, feed - at);
            boolean isWhole = feed < limit;
            at = isWhole ? feed + 1 : feed;
            if (isWhole) {
                return take();
            }
        }
    }

    private String take() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        return text;
    }
}
