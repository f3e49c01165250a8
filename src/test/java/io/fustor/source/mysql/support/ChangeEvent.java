package io.fustor.source.mysql.support;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/// A change event in format `fustor`, with its rows as the exact text that came, so that numbers
/// and escapes can be compared byte for byte.
///
/// @param json the whole event
/// @param rows after images of inserts and updates, before images of deletes
/// @param beforeRows before images of updates; empty for other operations
public record ChangeEvent(JsonNode json, List<String> rows, List<String> beforeRows) {

    /// Reads numbers exactly.
    public static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    public static ChangeEvent parse(String text) {
        List<String> rows = new ArrayList<>();
        List<String> beforeRows = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "rows" -> sliceElements(parser, text, rows);
                    case "before_rows" -> sliceElements(parser, text, beforeRows);
                    default -> parser.skipChildren();
                }
            }
        }
        return new ChangeEvent(JSON.readTree(text), rows, beforeRows);
    }

    private static void sliceElements(JsonParser parser, String text, List<String> into) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            int from = (int) parser.currentTokenLocation().getCharOffset();
            parser.skipChildren();
            into.add(text.substring(from, (int) parser.currentLocation().getCharOffset()));
        }
    }

    public String token() {
        return json.path("event_id").asString();
    }

    public String operation() {
        return json.path("event_type").asString();
    }

    /// `schema.table`.
    public String table() {
        return json.path("event_schema").asString() + "." + json.path("table").asString();
    }

    public List<String> fields() {
        List<String> names = new ArrayList<>();
        json.path("fields").forEach(name -> names.add(name.asString()));
        return names;
    }

    public long index() {
        return json.path("index").asLong();
    }

    public BigDecimal timestamp() {
        return json.path("timestamp").decimalValue();
    }

    public JsonNode metadata() {
        return json.path("metadata");
    }

    /// The parsed row at an index.
    public JsonNode row(int at) {
        return json.path("rows").path(at);
    }

    /// The parsed before image at an index.
    public JsonNode before(int at) {
        return json.path("before_rows").path(at);
    }

    /// The event's rows one by one; only the last one carries the token, for only behind it does
    /// the token stand.
    public List<FeedRow> flatten() {
        String transaction = metadata().path("transaction").path("id").asString();
        long first = metadata().path("transaction").path("first_row").asLong();
        List<FeedRow> flat = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            boolean isLast = i == rows.size() - 1;
            flat.add(
                    new FeedRow(
                            isLast ? token() : null,
                            transaction,
                            first + i,
                            table(),
                            operation(),
                            rows.get(i),
                            beforeRows.isEmpty() ? null : beforeRows.get(i)));
        }
        return flat;
    }

    /// The text of a JSON document's member, for messages.
    public static @Nullable String textOf(JsonNode json, String member) {
        JsonNode value = json.get(member);
        return value == null || value.isNull() ? null : value.asString();
    }
}
