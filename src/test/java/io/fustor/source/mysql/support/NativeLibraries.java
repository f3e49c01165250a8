package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The two libraries that mysqld needs and a bare Linux lacks, libaio and libnuma. Where they are
/// missing, the system's own packages are downloaded, signature-checked, and unpacked beside the
/// server: no root, and nothing of the system changes.
final class NativeLibraries {

    /// Package names by age of the distribution, the older one first.
    private static final List<List<String>> PACKAGES =
            List.of(List.of("libaio1", "libaio1t64"), List.of("libnuma1"));

    private NativeLibraries() {}

    /// What to run this mysqld with.
    ///
    /// @param libraries the folder to keep the libraries in, should they be missing
    static Map<String, String> environment(Path program, Path libraries) {
        if (starts(program, Map.of())) {
            return Map.of();
        }
        var environment = Map.of("LD_LIBRARY_PATH", libraries.toString());
        TestCache.use(
                "lib",
                _ -> {
                    new Folder(libraries).fillOnce(NativeLibraries::download);
                    return libraries;
                });
        if (!starts(program, environment)) {
            throw missing(run(program, environment).output());
        }
        return environment;
    }

    private static boolean starts(Path program, Map<String, String> environment) {
        return run(program, environment).succeeded();
    }

    private static Command run(Path program, Map<String, String> environment) {
        return Command.run(
                List.of(program.toString(), "--no-defaults", "--version"),
                environment,
                Path.of("/dev/null"));
    }

    private static void download(Path libraries) {
        var apt = Folder.temporary("fustor-apt-");
        try {
            Files.createDirectories(apt.path().resolve("lists/partial"));
            Files.createDirectories(apt.path().resolve("cache/archives/partial"));
            var update = aptGet(apt.path(), "update");
            if (!update.succeeded()) {
                throw missing(update.output());
            }
            for (var names : PACKAGES) {
                downloadFirstOf(names, apt.path());
            }
            collect(apt.path(), libraries);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            apt.delete();
        }
    }

    private static void downloadFirstOf(List<String> names, Path apt) {
        var output = "";
        for (var name : names) {
            var download = aptGet(apt, "download", name);
            if (download.succeeded()) {
                return;
            }
            output = download.output();
        }
        throw missing(output);
    }

    private static Command aptGet(Path apt, String... words) {
        var command = new ArrayList<String>();
        // apt-get writes what it downloads into the folder that it runs in.
        command.addAll(
                List.of("sh", "-c", "cd \"$0\" && exec apt-get \"$@\"", apt.toString(), "-qq"));
        for (var option :
                List.of(
                        "Dir::State::Lists=" + apt.resolve("lists"),
                        "Dir::Cache=" + apt.resolve("cache"),
                        "Debug::NoLocking=1",
                        "APT::Sandbox::User=")) {
            command.addAll(List.of("-o", option));
        }
        command.addAll(List.of(words));
        return Command.run(command);
    }

    private static void collect(Path apt, Path libraries) throws IOException {
        var unpacked = Files.createDirectories(apt.resolve("unpacked"));
        try (var packages = Files.newDirectoryStream(apt, "*.deb")) {
            for (var file : packages) {
                Command.run(List.of("dpkg-deb", "-x", file.toString(), unpacked.toString()))
                        .orFail("A package could not be unpacked");
            }
        }
        try (var files = Files.walk(unpacked)) {
            for (var file : files.filter(NativeLibraries::isLibrary).toList()) {
                // Newer distributions renamed libaio.so.1, not what is in it.
                var name = file.getFileName().toString().replace(".so.1t64", ".so.1");
                Files.copy(file, libraries.resolve(name));
            }
        }
    }

    private static boolean isLibrary(Path file) {
        var name = file.getFileName().toString();
        return Files.isRegularFile(file) && name.matches("lib(aio|numa)\\.so\\.1(t64)?");
    }

    private static IllegalStateException missing(String output) {
        return new IllegalStateException(
                "The MySQL server for the tests needs libaio and libnuma, which could not be brought: install"
                        + " libaio1 (or libaio1t64) and libnuma1, on other systems libaio and numactl-libs,"
                        + " or Docker. ("
                        + output.strip()
                        + ")");
    }
}
