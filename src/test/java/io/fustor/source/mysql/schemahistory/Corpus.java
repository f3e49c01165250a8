package io.fustor.source.mysql.schemahistory;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Statements written down in a file, one after the other as they can be run: a line that begins
/// with `=== ` has the title of the statement below it. A title that begins with `[session]` has
/// below it what changes the session, `[use]` the database to use, and `[refused]` what a server
/// may refuse.
record Corpus(List<Step> steps) {

    record Step(String title, String sql) {

        boolean isRefused() {
            return title.startsWith("[refused]");
        }

        @Override
        public String toString() {
            return title;
        }
    }

    static Corpus of(String name) {
        try (InputStream file = Corpus.class.getResourceAsStream("/ddl/" + name + ".txt")) {
            var text =
                    new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            var steps = new ArrayList<Step>();
            for (String part : ("\n" + text).split("\n=== ")) {
                if (!part.isBlank()) {
                    steps.add(step(part));
                }
            }
            return new Corpus(steps);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Step step(String part) {
        int end = part.indexOf('\n');
        if (part.startsWith("[use] ")) {
            return new Step("[use]", "USE `" + part.substring(6).strip() + "`");
        }
        return new Step(part.substring(0, end), part.substring(end + 1).stripTrailing());
    }
}
