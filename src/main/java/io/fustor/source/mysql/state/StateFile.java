package io.fustor.source.mysql.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/// Where the embedded database and what belongs to it lie.
///
/// @param folder the data folder
record StateFile(Path folder) {

    private static final String NAME = "fustor";

    /// The embedded database's file; null where `spring.datasource.url` names another database.
    static @Nullable StateFile of(Environment environment) {
        String url = environment.getProperty("spring.datasource.url", "");
        Path folder = Path.of(environment.getProperty("fustor.data-dir", "./data"));
        return url.startsWith("jdbc:h2:") && url.contains(folder.resolve(NAME) + ";")
                ? new StateFile(folder)
                : null;
    }

    Path database() {
        return folder.resolve(NAME + ".mv.db");
    }

    /// Where [WriteMark] is kept.
    Path mark() {
        return folder.resolve(NAME + ".written");
    }

    Path backups() {
        return folder.resolve("backup");
    }

    /// Whether the database is still to be made: H2 would make it without a word, also where one
    /// was lost.
    boolean isMissing() throws IOException {
        return !Files.exists(database()) || Files.size(database()) == 0;
    }

    long usableSpace() {
        return folder.toFile().getUsableSpace();
    }
}
