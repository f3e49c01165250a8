package io.fustor.source.mysql.support;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// The codes of problems, by the code and by `docs/errors.md`.
public final class Codes {

    private static final Pattern HEADING = Pattern.compile("(?m)^### `?([A-Z_]+)`?$");

    private static final List<String> EXPLAINED = explained();

    private Codes() {}

    /// Every code that a problem may have.
    public static Set<String> all() {
        Set<String> codes = new TreeSet<>();
        Stream.concat(Arrays.stream(RequestCode.values()), Arrays.stream(FailureCode.values()))
                .forEach(code -> codes.add(code.name()));
        return codes;
    }

    /// The headings of `docs/errors.md` that are codes, in its order.
    public static List<String> explained() {
        return HEADING.matcher(document()).results().map(one -> one.group(1)).toList();
    }

    /// Fails where an answer is a problem whose code the document does not explain.
    static void requireExplained(int status, String type, String body) {
        if (status >= 400 && type.startsWith("application/problem+json") && !body.isEmpty()) {
            String code = JsonMapper.shared().readTree(body).path("code").asString();
            if (!EXPLAINED.contains(code)) {
                throw new AssertionError("docs/errors.md explains no code of " + body);
            }
        }
    }

    /// The text of `docs/errors.md`.
    public static String document() {
        try {
            return Files.readString(Path.of("docs/errors.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
