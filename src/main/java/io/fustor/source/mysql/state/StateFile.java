package io.fustor.source.mysql.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/// The location of the embedded database and the files that belong to it.
///
/// @param folder the data folder
record StateFile(Path folder) {

    private static final String NAME = "fustor";

    /// The embedded database's file; null if `spring.datasource.url` names another database.
    static @Nullable StateFile of(Environment environment) {
        String url = environment.getProperty("spring.datasource.url", "");
        Path folder =
                Path.of(environment.getProperty(DataDirectory.PROPERTY, DataDirectory.DEFAULT));
        return url.startsWith("jdbc:h2:") && url.contains(folder.resolve(NAME) + ";")
                ? new StateFile(folder)
                : null;
    }

    Path database() {
        return folder.resolve(NAME + ".mv.db");
    }

    /// The file of [WriteMark].
    Path mark() {
        return folder.resolve(NAME + ".written");
    }

    Path backups() {
        return folder.resolve("backup");
    }

    /// Whether the database does not exist yet. H2 would create it silently, even in place of a
    /// lost one.
    boolean isMissing() throws IOException {
        return !Files.exists(database()) || Files.size(database()) == 0;
    }

    long usableSpace() {
        return folder.toFile().getUsableSpace();
    }
}
