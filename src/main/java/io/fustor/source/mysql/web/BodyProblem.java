package io.fustor.source.mysql.web;

import io.fustor.source.mysql.error.Sentence;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/// Describes the problem in a JSON body. It names the field or the location, never a value, because
/// the body may contain passwords.
final class BodyProblem {

    private BodyProblem() {}

    /// @param e exception of the JSON parser
    static Sentence describe(JacksonException e) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            return unknown(unknown);
        }
        if (e instanceof MismatchedInputException mismatch) {
            String field = field(e);
            Sentence expected = expected(mismatch.getTargetType());
            return field.isEmpty()
                    ? Sentence.of("body.must-be", expected)
                    : Sentence.of("body.field-must-be", field, expected);
        }
        if (e instanceof InputCoercionException) {
            return Sentence.of("body.out-of-range", field(e));
        }
        TokenStreamLocation location = e.getLocation();
        return location == null
                ? Sentence.of("body.no-json")
                : Sentence.of("body.no-json-at", location.getLineNr(), location.getColumnNr());
    }

    private static Sentence unknown(UnrecognizedPropertyException e) {
        Set<String> known = new TreeSet<>();
        if (e.getKnownPropertyIds() != null) {
            e.getKnownPropertyIds().forEach(id -> known.add(String.valueOf(id)));
        }
        return Sentence.of(
                "body.unknown-field",
                Suggestion.quoted(field(e)),
                Suggestion.of(e.getPropertyName(), known),
                String.join(", ", known));
    }

    /// The path of the field, such as `config.credential.user` or `items[2]`.
    private static String field(JacksonException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : e.getPath()) {
            String name = step.getPropertyName();
            if (name == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(name);
            }
        }
        return path.toString();
    }

    private static Sentence expected(@Nullable Class<?> type) {
        if (type == null || type.isRecord() || Map.class.isAssignableFrom(type)) {
            return Sentence.of("body.object");
        }
        if (type == String.class) {
            return Sentence.of("body.string");
        }
        if (type == Boolean.class || type == boolean.class) {
            return Sentence.of("body.boolean");
        }
        if (Iterable.class.isAssignableFrom(type) || type.isArray()) {
            return Sentence.of("body.list");
        }
        if (type == Integer.class || type == int.class) {
            return Sentence.of("body.whole-number-32");
        }
        if (type == Long.class || type == long.class) {
            return Sentence.of("body.whole-number");
        }
        boolean isNumber = type.isPrimitive() || Number.class.isAssignableFrom(type);
        return isNumber ? Sentence.of("body.number") : Sentence.of("body.object");
    }
}
