package io.fustor.source.mysql.web;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What a JSON value lacks, or has beyond, what the interface's document says of it. It knows the
/// part of JSON Schema that the document uses, and takes no field that is not described.
record DocumentedSchema(JsonNode document) {

    /// Each difference as a sentence with the place of the value; none where the value fits.
    List<String> differences(JsonNode value, JsonNode schema) {
        var differences = new ArrayList<String>();
        compare("$", value, schema, differences);
        return differences;
    }

    private void compare(String at, JsonNode value, JsonNode given, List<String> differences) {
        JsonNode schema = resolved(given);
        if (schema.has("oneOf")) {
            boolean fits = false;
            for (JsonNode choice : schema.path("oneOf")) {
                fits |= differences(value, choice).isEmpty();
            }
            if (!fits) {
                differences.add(at + " is none of the choices: " + value);
            }
            return;
        }
        if (!schema.isEmpty() && !types(schema).contains(type(value))) {
            differences.add(at + " is no " + types(schema) + ": " + value);
            return;
        }
        if (schema.has("enum") && !contains(schema.path("enum"), value)) {
            differences.add(at + " is none of " + schema.path("enum") + ": " + value);
        }
        if (value.isObject() && !schema.isEmpty()) {
            compareFields(at, value, schema, differences);
        }
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            compare(at + "[" + i + "]", value.get(i), schema.path("items"), differences);
        }
    }

    private void compareFields(
            String at, JsonNode value, JsonNode schema, List<String> differences) {
        for (JsonNode name : schema.path("required")) {
            if (!value.has(name.asString())) {
                differences.add(at + " lacks " + name.asString());
            }
        }
        for (String name : value.propertyNames()) {
            JsonNode field = schema.path("properties").path(name);
            if (!field.isMissingNode()) {
                compare(at + "." + name, value.path(name), field, differences);
            } else if (schema.has("additionalProperties")) {
                JsonNode more = schema.path("additionalProperties");
                compare(at + "." + name, value.path(name), more, differences);
            } else {
                differences.add(at + "." + name + " is not described");
            }
        }
    }

    private JsonNode resolved(JsonNode schema) {
        return schema.has("$ref")
                ? document.at(schema.path("$ref").asString().substring(1))
                : schema;
    }

    private static List<String> types(JsonNode schema) {
        JsonNode type = schema.path("type");
        return type.isArray()
                ? type.valueStream().map(JsonNode::asString).toList()
                : List.of(type.asString());
    }

    private static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> "object";
            case ARRAY -> "array";
            case BOOLEAN -> "boolean";
            case NULL, MISSING -> "null";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case STRING, BINARY -> "string";
        };
    }

    private static boolean contains(JsonNode values, JsonNode value) {
        return values.valueStream().anyMatch(value::equals);
    }
}
