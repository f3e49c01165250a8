package io.fustor.source.mysql.support;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// Judges changes by the JSON Schemas that the service gives of their tables. For one thread.
public final class EventSchemas {

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private final ServiceApi api;
    private final String source;
    private final String format;
    private final String bigNumbers;
    private final Map<String, Schema> known = new HashMap<>();

    public EventSchemas(ServiceApi api, String source, String format, String bigNumbers) {
        this.api = api;
        this.source = source;
        this.format = format;
        this.bigNumbers = bigNumbers;
    }

    /// The path of a table's schema.
    ///
    /// @param table as the service takes it
    public static String path(String source, String table, String format, String bigNumbers) {
        String name = URLEncoder.encode(table, StandardCharsets.UTF_8).replace("+", "%20");
        return "/api/sources/%s/tables/%s/schema?format=%s&big_numbers=%s"
                .formatted(source, name, format, bigNumbers);
    }

    /// What is wrong with a change; empty where its schema allows it.
    public List<Error> errors(String change) {
        return errors(table(change), change);
    }

    /// The table of a change, as the service takes it.
    public String table(String change) {
        JsonNode json = ChangeEvent.JSON.readTree(change);
        JsonNode of = format.equals("debezium") ? json.path("source") : json;
        String schema = of.path(format.equals("debezium") ? "db" : "event_schema").asString();
        return "`" + schema + "`.`" + of.path("table").asString() + "`";
    }

    /// The same by the schema of a table.
    public List<Error> errors(String table, String change) {
        return known.computeIfAbsent(table, this::read).validate(change, InputFormat.JSON);
    }

    private Schema read(String table) {
        Answer answer = api.get(path(source, table, format, bigNumbers)).expect(200);
        return REGISTRY.getSchema(answer.body(), InputFormat.JSON);
    }
}
