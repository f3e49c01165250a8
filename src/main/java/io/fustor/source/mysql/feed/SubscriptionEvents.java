package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// The events of a stream that are no changes: its first bytes, heartbeats, control events, its
/// end.
final class SubscriptionEvents {

    /// How long a client that was cut off waits before it comes again.
    private static final byte[] RETRY = "retry: 1000\n".getBytes(StandardCharsets.US_ASCII);

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final EventEncoder encoder;
    private final ClientOutput out;

    SubscriptionEvents(EventEncoder encoder, ClientOutput out) {
        this.encoder = encoder;
        this.out = out;
    }

    /// What a client gets at once, so that it knows that it is subscribed, and from where.
    void start(String token) {
        if (encoder.form().transport() == Transport.SSE) {
            out.gathered().write(RETRY);
            out.gathered().put('\n');
        }
        heartbeat(token);
    }

    void heartbeat(String token) {
        encoder.heartbeat(token, out.gathered());
    }

    void positionLost(String token, SourceException lost) {
        control(
                "position_lost",
                token,
                Map.of("code", lost.code().name(), "detail", String.valueOf(lost.getMessage())));
    }

    void error(String token, SourceException error) {
        control(
                "error",
                token,
                Map.of("code", error.code().name(), "detail", String.valueOf(error.getMessage())));
    }

    void end(String token, String reason) {
        control("end", token, Map.of("reason", reason));
    }

    /// @param token what the client's last event id becomes, or null to leave it
    void control(String name, @Nullable String token, Map<String, Object> data) {
        encoder.control(name, token, JSON.writeValueAsBytes(data), out.gathered());
    }
}
