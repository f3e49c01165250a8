package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.Transport;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.util.MimeTypeUtils;

/// Which of its two forms a feed has for a client: lines of JSON if it names them in `Accept` (RFC
/// 9110, 12.5.1) and weighs them at least as high as Server-Sent Events, which everybody else gets.
/// A wildcard names neither.
final class AcceptedTransport {

    private AcceptedTransport() {}

    /// @param accepted the values of `Accept`; elements that are not media types do not count
    static Transport of(List<String> accepted) {
        double lines = 0;
        double events = 0;
        for (String element : MimeTypeUtils.tokenize(String.join(",", accepted))) {
            MediaType type = parse(element);
            if (MediaType.APPLICATION_NDJSON.equalsTypeAndSubtype(type)) {
                lines = Math.max(lines, type.getQualityValue());
            } else if (MediaType.TEXT_EVENT_STREAM.equalsTypeAndSubtype(type)) {
                events = Math.max(events, type.getQualityValue());
            }
        }
        return lines > 0 && lines >= events ? Transport.NDJSON : Transport.SSE;
    }

    private static MediaType parse(String element) {
        try {
            return MediaType.asMediaType(MimeTypeUtils.parseMimeType(element));
        } catch (IllegalArgumentException _) {
            return MediaType.ALL;
        }
    }
}
