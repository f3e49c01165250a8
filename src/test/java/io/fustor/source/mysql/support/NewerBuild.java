package io.fustor.source.mysql.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The service as a later version of it will be to this one: its jar has another version, and a
/// further migration, which expands the schema.
///
/// @param folder where its jars are made
/// @param version that its log and its records name
public record NewerBuild(Path folder, String version) {

    private static final String MIGRATION = "V900__expand_newer_build.sql";
    private static final String STATEMENT = "ALTER TABLE sources ADD COLUMN newer_build INT";

    /// The command line with these classes in place of those of this build. The archive of classes
    /// is of this build too, and goes.
    List<String> instead(ServiceClasses classes, List<String> commandLine) {
        return commandLine.stream()
                .filter(word -> !word.startsWith("-XX:AOTCache="))
                .map(word -> word.equals(classes.path()) ? path(classes) : word)
                .toList();
    }

    private String path(ServiceClasses classes) {
        return Arrays.stream(classes.path().split(File.pathSeparator))
                .map(Path::of)
                .map(entry -> entry.startsWith(classes.folder()) ? made(entry) : entry)
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /// A jar of this build, with what is new. The first caller makes it.
    private Path made(Path jar) {
        Path made = folder.resolve(jar.getFileName());
        if (Files.exists(made)) {
            return made;
        }
        try {
            Path migrations = Files.createDirectories(folder.resolve("added/db/migration"));
            Files.writeString(migrations.resolve(MIGRATION), STATEMENT);
            Path manifest = folder.resolve("manifest");
            Files.writeString(manifest, "Implementation-Version: " + version + "\n");
            Files.copy(jar, made);
            Command.run(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "jar")
                                            .toString(),
                                    "--update",
                                    "--no-compress",
                                    "--file",
                                    made.toString(),
                                    "--manifest",
                                    manifest.toString(),
                                    "-C",
                                    folder.resolve("added").toString(),
                                    "."))
                    .orFail("The newer build could not be made");
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
