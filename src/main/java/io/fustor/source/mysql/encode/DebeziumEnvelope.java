package io.fustor.source.mysql.encode;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The parts of Debezium's envelope around a row's images, each made once for many rows: up to the
/// row's number, and from there to the operation's letter. For one thread.
final class DebeziumEnvelope {

    static final byte[] BEFORE = CellBytes.ascii("\"before\":");
    static final byte[] NULL_BEFORE = CellBytes.ascii("\"before\":null,\"after\":");
    static final byte[] AFTER = CellBytes.ascii(",\"after\":");
    static final byte[] NULL_AFTER = CellBytes.ascii(",\"after\":null");

    private static final byte[] OPERATION =
            CellBytes.ascii(",\"thread\":null,\"query\":null},\"transaction\":null,\"op\":\"");
    private static final String VERSION =
            Objects.requireNonNullElse(
                    DebeziumEnvelope.class.getPackage().getImplementationVersion(), "development");

    private final JsonBuffer source = new JsonBuffer(512);
    private final JsonBuffer processed = new JsonBuffer(128);
    private final String name;
    private final boolean isTimeless;

    /// The origin of rows.
    ///
    /// @param micros when they were changed or read, in microseconds since 1970
    /// @param position the offset of their event in the file
    record Origin(
            boolean snapshot,
            long micros,
            long serverId,
            @Nullable String gtid,
            String file,
            long position) {}

    /// @param form of the frames
    DebeziumEnvelope(FrameForm form) {
        this.name = form.sourceName();
        this.isTimeless = form.transport() == Transport.PAGE;
    }

    /// Begins rows of one table and origin; sets their processing time to now, or in a page to the
    /// time of the change.
    void begin(String schema, String table, Origin origin) {
        source.reset();
        source.ascii(",\"source\":{\"version\":");
        source.string(VERSION);
        source.ascii(",\"connector\":\"mysql\",\"name\":");
        source.string(name);
        source.ascii(",\"ts_ms\":");
        source.number(origin.micros() / 1000);
        source.ascii(",\"snapshot\":\"");
        source.ascii(origin.snapshot() ? "true" : "false");
        source.ascii("\",\"db\":");
        source.string(schema);
        source.ascii(",\"sequence\":null,\"ts_us\":");
        source.number(origin.micros());
        source.ascii(",\"ts_ns\":");
        source.number(origin.micros() * 1000);
        source.ascii(",\"table\":");
        source.string(table);
        source.ascii(",\"server_id\":");
        source.number(origin.serverId());
        source.ascii(",\"gtid\":");
        gtid(origin.gtid());
        source.ascii(",\"file\":");
        source.string(origin.file());
        source.ascii(",\"pos\":");
        source.number(origin.position());
        source.ascii(",\"row\":");
        if (isTimeless) {
            processed(origin.micros() * 1000);
        }
        processedNow();
    }

    private void gtid(@Nullable String gtid) {
        if (gtid == null) {
            source.ascii("null");
        } else {
            source.string(gtid);
        }
    }

    /// Sets the processing time of the following rows to now, except in a page.
    void processedNow() {
        if (isTimeless) {
            return;
        }
        Instant now = Instant.now();
        processed(now.getEpochSecond() * 1_000_000_000 + now.getNano());
    }

    private void processed(long nanos) {
        processed.reset();
        processed.ascii("\",\"ts_ms\":");
        processed.number(nanos / 1_000_000);
        processed.ascii(",\"ts_us\":");
        processed.number(nanos / 1000);
        processed.ascii(",\"ts_ns\":");
        processed.number(nanos);
        processed.put('}');
    }

    /// Writes the part after the images, up to the end of the JSON.
    ///
    /// @param row its number in its event, from 0
    /// @param operation `r`, `c`, `u` or `d`
    void end(int row, char operation, JsonBuffer out) {
        out.append(source);
        out.number(row);
        out.write(OPERATION);
        out.put(operation);
        out.append(processed);
    }
}
