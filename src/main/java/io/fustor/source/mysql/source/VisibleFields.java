package io.fustor.source.mysql.source;

import io.fustor.source.mysql.encode.Mask;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.TableId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/// Copies cached fields, and leaves out what a caller may not see. A masked column has the type in
/// which it is delivered. It reads the fields token by token, twice where a table is visible by the
/// columns that it has.
final class VisibleFields {

    /// Opens the fields from their beginning.
    interface Fields {
        InputStream open() throws IOException;
    }

    /// What would tell that a table has further columns.
    private static final Set<String> TELLING = Set.of("column_index", "primary_key");

    /// What else may be said of a masked column: the rest describes its values.
    private static final Set<String> OF_MASKED = Set.of("nullable", "column_index", "primary_key");

    /// What masked values are, as in `schema_changed`.
    private static final String MASKED_TYPE = "string";

    private final Scope scope;
    private final Masks masks;
    private final Masks inLowerCase;
    private final NeededColumns needed;
    private final JsonParser from;
    private final JsonGenerator to;

    private VisibleFields(
            Scope scope, Masks masks, NeededColumns needed, JsonParser from, JsonGenerator to) {
        this.scope = scope;
        this.masks = masks;
        this.inLowerCase = masks.under(NameRule.LOWER_CASE);
        this.needed = needed;
        this.from = from;
        this.to = to;
    }

    /// Copies a JSON object with the key `properties`.
    ///
    /// @param masks with names as they are configured
    /// @param json in UTF-8, as it is stored
    static void copy(Scope scope, Masks masks, Fields json, OutputStream out) throws IOException {
        NeededColumns needed = new NeededColumns(scope);
        if (!scope.needs().isEmpty()) {
            try (InputStream in = json.open();
                    JsonParser from = JsonMapper.shared().createParser(in)) {
                find(needed, from);
            }
        }
        try (InputStream in = json.open();
                JsonParser from = JsonMapper.shared().createParser(in);
                JsonGenerator to = JsonMapper.shared().createGenerator(out)) {
            new VisibleFields(scope, masks, needed, from, to).copy();
        }
    }

    private static void find(NeededColumns needed, JsonParser from) {
        from.nextToken();
        while (nextProperties(from)) {
            while (from.nextToken() == JsonToken.PROPERTY_NAME) {
                for (Reading reading : readings(from.currentName())) {
                    needed.add(reading.table(), reading.column());
                }
                from.nextToken();
                from.skipChildren();
            }
        }
    }

    /// Goes into the next object of the name `properties`; false if there is none.
    private static boolean nextProperties(JsonParser from) {
        while (from.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean isWanted = from.currentName().equals("properties");
            if (from.nextToken() == JsonToken.START_OBJECT && isWanted) {
                return true;
            }
            from.skipChildren();
        }
        return false;
    }

    private void copy() {
        to.writeStartObject();
        to.writeObjectPropertyStart("properties");
        from.nextToken();
        while (nextProperties(from)) {
            copyProperties();
        }
        to.writeEndObject();
        to.writeEndObject();
    }

    private void copyProperties() {
        while (from.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = from.currentName();
            boolean isObject = from.nextToken() == JsonToken.START_OBJECT;
            List<Reading> readings = isObject ? readings(name) : List.of();
            if (!readings.isEmpty() && readings.stream().allMatch(this::isVisible)) {
                copyField(name, mask(readings));
            } else {
                from.skipChildren();
            }
        }
    }

    private void copyField(String name, @Nullable Mask mask) {
        to.writeObjectPropertyStart(name);
        if (mask != null) {
            to.writeStringProperty("type", MASKED_TYPE);
            to.writeStringProperty("mysql_type", MASKED_TYPE);
        }
        while (from.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = from.currentName();
            from.nextToken();
            boolean isTold = scope.hasAllColumns() || !TELLING.contains(key);
            if (!isTold || (mask != null && !OF_MASKED.contains(key))) {
                from.skipChildren();
            } else if (mask instanceof Mask.Null && key.equals("nullable")) {
                from.skipChildren();
                to.writeBooleanProperty(key, true);
            } else {
                to.writeName(key);
                to.copyCurrentStructure(from);
            }
        }
        to.writeEndObject();
    }

    /// One way to divide a name into table and column.
    private record Reading(TableId table, String column) {}

    /// A name with more than two dots may be read in several ways.
    private static List<Reading> readings(String name) {
        List<Reading> readings = new ArrayList<>();
        for (int first = name.indexOf('.'); first > 0; first = name.indexOf('.', first + 1)) {
            for (int second = name.indexOf('.', first + 1);
                    second > 0;
                    second = name.indexOf('.', second + 1)) {
                TableId table =
                        new TableId(name.substring(0, first), name.substring(first + 1, second));
                readings.add(new Reading(table, name.substring(second + 1)));
            }
        }
        return readings;
    }

    private boolean isVisible(Reading reading) {
        return scope.includesByAnyRule(reading.table(), reading.column())
                && needed.areIn(reading.table());
    }

    /// A mask of any reading, by either rule of names; null where the column is shown in clear by
    /// each.
    private @Nullable Mask mask(List<Reading> readings) {
        for (Reading reading : readings) {
            Mask exact = masks.of(reading.table(), reading.column());
            Mask mask =
                    exact == null
                            ? inLowerCase.of(
                                    NameRule.LOWER_CASE.stored(reading.table()), reading.column())
                            : exact;
            if (mask != null) {
                return mask;
            }
        }
        return null;
    }
}
