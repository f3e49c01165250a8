package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.binlog.ZstdLibrary;
import io.fustor.source.mysql.compression.BlockCompressors;
import io.fustor.source.mysql.compression.CodedOutput;
import io.fustor.source.mysql.compression.CodedStream;
import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.settings.FeedProperties;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.OutputStream;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/// The content codings that streams may have, and the compressors that all streams share. For any
/// thread.
@Component
public class StreamCodings {

    private final Set<ContentCoding> offered = EnumSet.noneOf(ContentCoding.class);
    private final BlockCompressors compressors = new BlockCompressors();

    StreamCodings(FeedProperties properties) {
        if (properties.compression()) {
            offered.add(ContentCoding.GZIP);
        }
        if (properties.compression() && ZstdLibrary.failure() == null) {
            offered.add(ContentCoding.ZSTD);
        }
    }

    /// The coding of the stream that answers a request.
    public ContentCoding of(HttpServletRequest request) {
        return ContentCoding.choose(given(request, HttpHeaders.ACCEPT_ENCODING), offered);
    }

    /// The values of a request's header. In an incomplete head the last header may have none.
    static List<String> given(HttpServletRequest request, String header) {
        return Collections.list(request.getHeaders(header)).stream()
                .filter(Objects::nonNull)
                .toList();
    }

    /// A stream in a coding.
    CodedOutput stream(OutputStream out, ContentCoding coding) {
        return compressors.stream(out, coding);
    }

    /// Says in the head of an answer that its body has a coding.
    public static void head(HttpServletResponse response, ContentCoding coding) {
        if (coding != ContentCoding.IDENTITY) {
            response.setHeader(HttpHeaders.CONTENT_ENCODING, coding.token());
        }
    }

    /// The body of an answer in a coding. Closing it completes the answer.
    public OutputStream body(OutputStream out, ContentCoding coding) {
        return coding == ContentCoding.IDENTITY ? out : new CodedStream(stream(out, coding));
    }

    BlockCompressors compressors() {
        return compressors;
    }

    /// How many blocks were compressed since the service started.
    public long blocks() {
        return compressors.blocks();
    }
}
