package io.fustor.source.mysql.schema;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/// Stand-in until the real one is merged.
public final class Collations {
    public static final int BINARY = 63;

    private Collations() {}

    public static Charset charset(int collation) {
        return StandardCharsets.UTF_8;
    }
}
