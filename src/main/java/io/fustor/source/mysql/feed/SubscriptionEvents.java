package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The events of a stream other than changes: its first bytes, heartbeats, control events, its end.
final class SubscriptionEvents {

    /// How long a disconnected client waits before it reconnects.
    private static final byte[] RETRY = "retry: 1000\n".getBytes(StandardCharsets.US_ASCII);

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final EventEncoder encoder;
    private final ClientOutput out;
    private final boolean isLimited;
    private final boolean heartbeatIds;

    private final Locale language;

    /// @param isLimited whether the client may not see every table, so that it learns less of
    ///   failures
    /// @param heartbeatIds whether the heartbeats of NDJSON have ids
    /// @param language of what is said of failures
    SubscriptionEvents(
            EventEncoder encoder,
            ClientOutput out,
            boolean isLimited,
            boolean heartbeatIds,
            Locale language) {
        this.language = language;
        this.heartbeatIds = heartbeatIds && encoder.form().transport() == Transport.NDJSON;
        this.isLimited = isLimited;
        this.encoder = encoder;
        this.out = out;
    }

    /// The first bytes, which tell a client at once that it is subscribed, and from which place.
    void start(String token) {
        if (encoder.form().transport() == Transport.SSE) {
            out.gathered().write(RETRY);
            out.gathered().put('\n');
        }
        heartbeat(token);
    }

    /// Tells a browser when to connect again. NDJSON has no such field.
    void retry(int millis) {
        if (encoder.form().transport() == Transport.SSE) {
            out.gathered().write(("retry: " + millis + "\n\n").getBytes(StandardCharsets.US_ASCII));
        }
    }

    void heartbeat(String token) {
        if (heartbeatIds) {
            encoder.bareControl("heartbeat", token, out.gathered());
        } else {
            encoder.heartbeat(token, out.gathered());
        }
    }

    void positionLost(String token, SourceException lost) {
        control("position_lost", token, data(lost));
    }

    void error(String token, SourceException error) {
        control("error", token, data(error));
    }

    /// The data of a failure for the client.
    Map<String, Object> data(SourceException failure) {
        String detail = Sentence.ofFailure(failure, isLimited).in(language);
        return Map.of("code", failure.code().name(), "detail", detail);
    }

    void end(String token, String reason) {
        control("end", token, Map.of("reason", reason));
    }

    /// @param token the client's new last event id, or null to keep it
    void control(String name, @Nullable String token, Map<String, Object> data) {
        encoder.control(name, token, JSON.writeValueAsBytes(data), out.gathered());
    }
}
