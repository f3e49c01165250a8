package io.fustor.source.mysql.support;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/// A change event in format `fustor`, with its rows as the exact text that came, so that numbers
/// and escapes can be compared byte for byte. Most tests read nothing of a row but this text, so
/// rows are parsed only where one asks for them. Used by one thread at a time.
public final class ChangeEvent {

    /// Reads numbers exactly.
    public static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private final String text;
    private final List<String> rows;
    private final List<String> beforeRows;

    /// All members but the rows.
    private final Map<String, JsonNode> head;

    private @Nullable JsonNode json;

    private ChangeEvent(
            String text, List<String> rows, List<String> beforeRows, Map<String, JsonNode> head) {
        this.text = text;
        this.rows = rows;
        this.beforeRows = beforeRows;
        this.head = head;
    }

    public static ChangeEvent parse(String text) {
        List<String> rows = new ArrayList<>();
        List<String> beforeRows = new ArrayList<>();
        Map<String, JsonNode> head = new HashMap<>();
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "rows" -> sliceElements(parser, text, rows);
                    case "before_rows" -> sliceElements(parser, text, beforeRows);
                    default -> head.put(name, parser.readValueAsTree());
                }
            }
            if (parser.nextToken() != null) {
                throw new AssertionError("more than an event: " + text);
            }
        }
        return new ChangeEvent(text, rows, beforeRows, head);
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

    /// The whole event.
    public JsonNode json() {
        JsonNode whole = json == null ? JSON.readTree(text) : json;
        json = whole;
        return whole;
    }

    /// After images of inserts and updates, before images of deletes.
    public List<String> rows() {
        return rows;
    }

    /// Before images of updates; empty for other operations.
    public List<String> beforeRows() {
        return beforeRows;
    }

    private JsonNode member(String name) {
        JsonNode value = head.get(name);
        return value == null ? MissingNode.getInstance() : value;
    }

    public String token() {
        return member("event_id").asString();
    }

    public String operation() {
        return member("event_type").asString();
    }

    /// `schema.table`.
    public String table() {
        return member("event_schema").asString() + "." + member("table").asString();
    }

    public List<String> fields() {
        List<String> names = new ArrayList<>();
        member("fields").forEach(name -> names.add(name.asString()));
        return names;
    }

    /// A line for each row: the operation, `entered` or `left` where the row did, the row.
    public List<String> lines() {
        String mark =
                (metadata().path("entered").asBoolean() ? "entered " : "")
                        + (metadata().path("left").asBoolean() ? "left " : "");
        return rows.stream().map(row -> operation() + " " + mark + row).toList();
    }

    public long index() {
        return member("index").asLong();
    }

    public BigDecimal timestamp() {
        return member("timestamp").decimalValue();
    }

    public JsonNode metadata() {
        return member("metadata");
    }

    /// The parsed row at an index.
    public JsonNode row(int at) {
        return json().path("rows").path(at);
    }

    /// The parsed before image at an index.
    public JsonNode before(int at) {
        return json().path("before_rows").path(at);
    }

    /// The event's rows one by one; only the last one carries the token, for only after it does the
    /// token stand.
    public List<FeedRow> flatten() {
        String transaction = metadata().path("transaction").path("id").asString();
        long first = metadata().path("transaction").path("first_row").asLong();
        String table = table();
        String operation = operation();
        List<FeedRow> flat = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            boolean isLast = i == rows.size() - 1;
            flat.add(
                    new FeedRow(
                            isLast ? token() : null,
                            transaction,
                            first + i,
                            table,
                            operation,
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
