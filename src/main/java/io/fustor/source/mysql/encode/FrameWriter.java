package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.position.FeedToken;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The framing around an event's JSON, in either transport. An SSE event is lines of `field: value`
/// and an empty line; an NDJSON event is one line.
final class FrameWriter {

    private static final byte[] ID = ascii("id: ");
    private static final byte[] EVENT = ascii("event: ");
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] NEXT_DATA = ascii("\ndata: ");
    private static final byte[] EVENT_ID = ascii("{\"event_id\":\"");

    private final boolean sse;

    FrameWriter(Transport transport) {
        this.sse = transport == Transport.SSE;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Starts a change up to the end of its `event_id`.
    ///
    /// @param rows of the transaction that the token is behind
    void startChange(JsonBuffer out, FeedToken.Prefix prefix, long rows) {
        int length = prefix.length();
        // So that the first token stays where it starts.
        out.ensure(2 * length + 64);
        out.write(sse ? ID : EVENT_ID);
        int at = out.size();
        out.skip(length);
        prefix.write(out.array(), at, rows);
        if (sse) {
            out.write(NEXT_DATA);
            out.write(EVENT_ID);
            out.write(out.array(), at, length);
        }
    }

    /// Starts a change whose token is known, up to the end of its `event_id`.
    void startChange(JsonBuffer out, String token) {
        if (sse) {
            out.write(ID);
            out.ascii(token);
            out.write(NEXT_DATA);
        }
        out.write(EVENT_ID);
        out.ascii(token);
    }

    /// Starts a change of a format whose JSON has no `event_id` of its own; a line of NDJSON has
    /// one, for there is no other place.
    ///
    /// @param rows of the transaction that the token is behind
    void startEnvelope(JsonBuffer out, FeedToken.Prefix prefix, long rows) {
        int length = prefix.length();
        // So that the token stays where it starts.
        out.ensure(length + 64);
        out.write(sse ? ID : EVENT_ID);
        int at = out.size();
        out.skip(length);
        prefix.write(out.array(), at, rows);
        openEnvelope(out);
    }

    /// Starts a change whose token is known, as [#startEnvelope(JsonBuffer, FeedToken.Prefix,
    /// long)].
    void startEnvelope(JsonBuffer out, String token) {
        out.write(sse ? ID : EVENT_ID);
        out.ascii(token);
        openEnvelope(out);
    }

    private void openEnvelope(JsonBuffer out) {
        if (sse) {
            out.write(NEXT_DATA);
            out.put('{');
        } else {
            out.ascii("\",");
        }
    }

    /// Starts a named event up to the brace of its JSON object.
    void startControl(JsonBuffer out, String name, @Nullable String token) {
        if (sse) {
            out.write(EVENT);
            out.ascii(name);
            out.put('\n');
            if (token != null) {
                out.write(ID);
                out.ascii(token);
                out.put('\n');
            }
            out.write(DATA);
            out.put('{');
            return;
        }
        out.ascii("{\"control\":\"");
        out.ascii(name);
        out.ascii("\",");
        if (token != null) {
            out.ascii("\"event_id\":\"");
            out.ascii(token);
            out.ascii("\",");
        }
    }

    void control(JsonBuffer out, String name, @Nullable String token, byte[] json) {
        startControl(out, name, token);
        out.write(json, 1, json.length - 1);
        end(out);
    }

    void end(JsonBuffer out) {
        out.put('\n');
        if (sse) {
            out.put('\n');
        }
    }

    void heartbeat(JsonBuffer out, String token) {
        if (sse) {
            out.write(ID);
            out.ascii(token);
            out.put('\n');
        }
        out.put('\n');
    }
}
