package io.fustor.source.mysql.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The service's classes as a process of it loads them: in jars, as they are shipped, and with an
/// archive of the JVM's that holds them parsed, verified and linked. A start takes half the
/// processor time with it. The first process of a build makes both, and all later ones share them.
///
/// @param path the class path
/// @param archive what `-XX:AOTCache` names
record ServiceClasses(String path, Path archive) {

    /// The folders that a build compiles into; the last of them holds tests.
    private static final String TESTS = "test-classes";

    /// This JVM's class path without the tests.
    ///
    /// @param training starts the service with a class path and ends it, so that the JVM writes the
    ///   archive
    /// @param options of the training run, which make another archive
    static ServiceClasses ready(BiConsumer<String, Path> training, List<String> options) {
        return TestCache.use(
                "service-classes",
                _ -> {
                    List<Path> entries = entries();
                    List<Path> folders = entries.stream().filter(Files::isDirectory).toList();
                    Path build = folders.getFirst().resolveSibling("service-classes");
                    String version = version(folders, options);
                    Folder jars = new Folder(build.resolve("jars-" + version));
                    Folder archive = new Folder(build.resolve("archive-" + version));
                    if (!Files.exists(jars.path())) {
                        // Of the build before.
                        new Folder(build).delete();
                    }
                    jars.fillOnce(to -> folders.forEach(folder -> pack(folder, jar(to, folder))));
                    String path =
                            entries.stream()
                                    .map(
                                            entry ->
                                                    folders.contains(entry)
                                                            ? jar(jars.path(), entry)
                                                            : entry)
                                    .map(Path::toString)
                                    .collect(Collectors.joining(File.pathSeparator));
                    // The archive names the jars where they stay.
                    archive.fillOnce(to -> training.accept(path, file(to)));
                    return new ServiceClasses(path, file(archive.path()));
                });
    }

    /// Where this build's own jars are.
    Path folder() {
        return archive.getParent().getParent();
    }

    private static Path file(Path archive) {
        return archive.resolve("service.aot");
    }

    /// Maven's class path ends in an empty entry, which is the folder that a process happens to run
    /// in. The service runs in another one, so no entry may be relative.
    private static List<Path> entries() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty() && !Path.of(entry).endsWith(TESTS))
                .map(entry -> Path.of(entry).toAbsolutePath())
                .toList();
    }

    /// Another one for every compilation, and for other options.
    private static String version(List<Path> folders, List<String> options) {
        return Integer.toHexString(
                Stream.concat(folders.stream().flatMap(ServiceClasses::states), options.stream())
                        .sorted()
                        .toList()
                        .hashCode());
    }

    private static Stream<String> states(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).map(ServiceClasses::state).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String state(Path file) {
        try {
            return "%s %d %s"
                    .formatted(file, Files.size(file), Files.getLastModifiedTime(file).toInstant());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path jar(Path jars, Path folder) {
        return jars.resolve(folder.getFileName() + ".jar");
    }

    private static void pack(Path folder, Path jar) {
        String tool = Path.of(System.getProperty("java.home"), "bin", "jar").toString();
        Command.run(
                        List.of(
                                tool,
                                "--create",
                                "--no-compress",
                                "--file",
                                jar.toString(),
                                "-C",
                                folder.toString(),
                                "."))
                .orFail("The classes in " + folder + " could not be packed");
    }
}
