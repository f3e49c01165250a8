package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.schema.Selection;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The MySQL settings of the wizard, from `driver_params`.
///
/// @param agentHost the host from which the source's user may log in
/// @param resetPassword whether the wizard may change the password of an existing user
/// @param allowBriefLock whether the source's user may take a global read lock
/// @param tables the tables that the source captures
record DriverParams(
        String agentHost, boolean resetPassword, boolean allowBriefLock, Selection tables) {

    /// Characters that MySQL stores unchanged and finds again: ASCII without control characters or
    /// backslashes.
    private static final Pattern HOST = Pattern.compile("[\\x20-\\x7e&&[^\\\\]]{1,255}");

    static DriverParams of(Map<String, @Nullable Object> params) {
        return new DriverParams(
                host(params.get("agent_host")),
                flag("reset_password", params.get("reset_password")),
                flag("allow_brief_lock", params.get("allow_brief_lock")),
                tables(params.get("tables")));
    }

    private static String host(@Nullable Object value) {
        if (value == null) {
            return "%";
        }
        if (!(value instanceof String host) || !HOST.matcher(host).matches()) {
            throw RequestException.invalid("driver-params.host");
        }
        return host;
    }

    private static boolean flag(String name, @Nullable Object value) {
        return switch (value) {
            case null -> false;
            case Boolean flag -> flag;
            case String text when text.equals("true") || text.equals("false") ->
                    text.equals("true");
            default -> throw RequestException.invalid("driver-params.flag", name);
        };
    }

    private static Selection tables(@Nullable Object value) {
        String text =
                switch (value) {
                    case null -> "";
                    case String names -> names;
                    case Collection<?> names ->
                            names.stream().map(String::valueOf).collect(Collectors.joining(","));
                    default -> "?";
                };
        try {
            return Selection.parse(text, "", "");
        } catch (IllegalArgumentException e) {
            throw new RequestException(
                    RequestCode.INVALID_REQUEST,
                    Sentence.of("driver-params.tables", String.valueOf(e.getMessage())),
                    e);
        }
    }
}
