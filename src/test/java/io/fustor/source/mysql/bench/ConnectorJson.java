package io.fustor.source.mysql.bench;

import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonBinary;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map.Entry;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/// Writes the connector's rows as the service's events have them, by Jackson's generator and the
/// JDK's own formats: the straightforward program, without detours through maps or trees. What it
/// made is counted and thrown away.
final class ConnectorJson {

    private static final int DETAILS = 5;
    private static final int STATE = 2;

    private final JsonMapper mapper = JsonMapper.shared();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(64 * 1024);
    private long bytes;

    long bytes() {
        return bytes;
    }

    void inserted(List<Serializable[]> images) {
        out.reset();
        try (JsonGenerator json = mapper.createGenerator(out)) {
            begin(json, "insert");
            json.writeArrayPropertyStart("rows");
            for (Serializable[] image : images) {
                row(json, image);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        bytes += out.size();
    }

    void updated(List<Entry<Serializable[], Serializable[]>> images) {
        out.reset();
        try (JsonGenerator json = mapper.createGenerator(out)) {
            begin(json, "update");
            json.writeArrayPropertyStart("rows");
            for (Entry<Serializable[], Serializable[]> image : images) {
                row(json, image.getValue());
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("before_rows");
            for (Entry<Serializable[], Serializable[]> image : images) {
                row(json, image.getKey());
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        bytes += out.size();
    }

    private static void begin(JsonGenerator json, String type) {
        json.writeStartObject();
        json.writeStringProperty("event_type", type);
        json.writeStringProperty("table", BenchmarkTable.ORDERS);
        json.writeArrayPropertyStart("fields");
        for (String column : BenchmarkTable.COLUMNS) {
            json.writeString(column);
        }
        json.writeEndArray();
    }

    private static void row(JsonGenerator json, Serializable[] image) {
        json.writeStartObject();
        for (int i = 0; i < image.length; i++) {
            json.writeName(BenchmarkTable.COLUMNS[i]);
            value(json, i, image[i]);
        }
        json.writeEndObject();
    }

    private static void value(JsonGenerator json, int column, Serializable value) {
        switch (value) {
            case Integer number when column == STATE ->
                    json.writeString(BenchmarkTable.STATES[number - 1]);
            case Integer number -> json.writeNumber(number);
            case Long micros when column > DETAILS -> json.writeString(time(micros));
            case Long number -> json.writeNumber(number);
            case BigDecimal number -> json.writeNumber(number);
            case Double number -> json.writeNumber(number);
            case String text -> json.writeString(text);
            case byte[] document when column == DETAILS -> json.writeRawValue(json(document));
            case byte[] text -> json.writeUTF8String(text, 0, text.length);
            default -> throw new IllegalStateException("unexpected: " + value.getClass());
        }
    }

    private static String time(long micros) {
        return LocalDateTime.ofEpochSecond(
                        Math.floorDiv(micros, 1_000_000),
                        (int) Math.floorMod(micros, 1_000_000L) * 1_000,
                        ZoneOffset.UTC)
                .toString();
    }

    private static String json(byte[] document) {
        try {
            return JsonBinary.parseAsString(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
