package io.fustor.source.mysql.web;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.exc.MismatchedInputException;

/// Says in words what is wrong with a JSON body. It names the field or the place, never a value:
/// the body may hold passwords.
final class BodyProblem {

    private BodyProblem() {}

    /// @param e what the JSON reader threw
    static String describe(JacksonException e) {
        if (e instanceof MismatchedInputException mismatch) {
            String field = field(e);
            return (field.isEmpty() ? "The body" : field)
                    + " must be "
                    + expected(mismatch.getTargetType())
                    + ".";
        }
        if (e instanceof InputCoercionException) {
            return field(e) + " is a number out of range.";
        }
        TokenStreamLocation location = e.getLocation();
        return location == null
                ? "The body is not valid JSON."
                : "The body is not valid JSON at line "
                        + location.getLineNr()
                        + ", column "
                        + location.getColumnNr()
                        + ".";
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

    private static String expected(@Nullable Class<?> type) {
        if (type == null || type.isRecord() || Map.class.isAssignableFrom(type)) {
            return "an object";
        }
        if (type == String.class) {
            return "a string";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (Iterable.class.isAssignableFrom(type) || type.isArray()) {
            return "a list";
        }
        if (type == Integer.class
                || type == int.class
                || type == Long.class
                || type == long.class) {
            return "a whole number"
                    + (type == int.class || type == Integer.class ? " of 32 bits" : "");
        }
        return type.isPrimitive() || Number.class.isAssignableFrom(type) ? "a number" : "an object";
    }
}
