package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.position.FeedToken;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes the frame around an event's JSON, for each transport. An SSE event consists of lines
/// `field: value` and an empty line. An NDJSON event is one line. An element of a page is one line
/// with a comma at its end. A record is one line, whose parts [Transport#RECORD] names.
final class FrameWriter {

    private static final byte[] ID = ascii("id: ");
    private static final byte[] EVENT = ascii("event: ");
    private static final byte[] DATA = ascii("data: ");
    private static final byte[] NEXT_DATA = ascii("\ndata: ");
    private static final byte[] EVENT_ID = ascii("{\"event_id\":\"");

    private final boolean sse;
    private final boolean isPage;
    private final boolean isRecord;

    FrameWriter(Transport transport) {
        this.sse = transport == Transport.SSE;
        this.isPage = transport == Transport.PAGE;
        this.isRecord = transport == Transport.RECORD;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// Starts a change, up to the end of its `event_id`.
    ///
    /// @param rows the number of the transaction's rows before the token's place
    void startChange(JsonBuffer out, FeedToken.Prefix prefix, long rows) {
        int length = prefix.length();
        // Keeps the first token at its offset.
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

    /// Gives a change another token of the same transaction.
    ///
    /// @param start where the change starts in the buffer, all of which has to be there
    /// @param rows of the transaction that come before the token
    void changeToken(JsonBuffer out, int start, FeedToken.Prefix prefix, long rows) {
        int at = start + (sse ? ID : EVENT_ID).length;
        prefix.write(out.array(), at, rows);
        if (sse) {
            int second = at + prefix.length() + NEXT_DATA.length + EVENT_ID.length;
            prefix.write(out.array(), second, rows);
        }
    }

    /// Starts a change with a known token, up to the end of its `event_id`.
    void startChange(JsonBuffer out, String token) {
        if (sse) {
            out.write(ID);
            out.ascii(token);
            out.write(NEXT_DATA);
        }
        out.write(EVENT_ID);
        out.ascii(token);
    }

    /// Starts a change of a format without an `event_id` in its JSON. A line of NDJSON has one
    /// anyway, since it has no other place for it.
    ///
    /// @param rows the number of the transaction's rows before the token's place
    void startEnvelope(JsonBuffer out, FeedToken.Prefix prefix, long rows) {
        int length = prefix.length();
        // Keeps the token at its offset.
        out.ensure(length + 64);
        out.write(sse ? ID : EVENT_ID);
        int at = out.size();
        out.skip(length);
        prefix.write(out.array(), at, rows);
        openEnvelope(out);
    }

    /// Starts a change with a known token, as [#startEnvelope(JsonBuffer, FeedToken.Prefix, long)].
    void startEnvelope(JsonBuffer out, String token) {
        out.write(sse ? ID : EVENT_ID);
        out.ascii(token);
        openEnvelope(out);
    }

    boolean isRecord() {
        return isRecord;
    }

    /// Starts a record, up to the tab after its token.
    ///
    /// @param rows the number of the transaction's rows before the token's place
    void startRecord(JsonBuffer out, RecordKind kind, FeedToken.Prefix prefix, long rows) {
        int length = prefix.length();
        // Keeps the token at its offset.
        out.ensure(length + 64);
        out.put(kind.letter());
        int at = out.size();
        out.skip(length);
        prefix.write(out.array(), at, rows);
        out.put('\t');
    }

    /// Starts a record with a known token.
    void startRecord(JsonBuffer out, RecordKind kind, String token) {
        out.put(kind.letter());
        out.ascii(token);
        out.put('\t');
    }

    private void openEnvelope(JsonBuffer out) {
        if (sse) {
            out.write(NEXT_DATA);
            out.put('{');
        } else {
            out.ascii("\",");
        }
    }

    /// Starts a named event, up to the brace of its JSON object.
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
        if (isRecord) {
            out.put('!');
            out.ascii(name);
            out.put('\t');
            out.ascii(token == null ? "" : token);
            out.ascii("\t{");
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

    /// Writes a line with a name and an event id only.
    void bareControl(JsonBuffer out, String name, String token) {
        out.ascii("{\"control\":\"");
        out.ascii(name);
        out.ascii("\",\"event_id\":\"");
        out.ascii(token);
        out.ascii("\"}");
        end(out);
    }

    void end(JsonBuffer out) {
        if (isPage) {
            out.put(',');
        }
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
        } else if (isRecord) {
            out.put('.');
            out.ascii(token);
        }
        out.put('\n');
    }
}
