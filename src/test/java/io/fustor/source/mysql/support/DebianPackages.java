package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Programs of a Debian release, unpacked with every library that they need into a folder of their
/// own, so that they run on an older or newer Debian too: through the release's own loader. The
/// packages come from the mirror that this machine's package sources name, signature-checked;
/// nothing of the machine changes, and no root is needed.
///
/// @param root what `/` would be had the packages been installed
record DebianPackages(Path root) {

    private static final Pattern MIRROR =
            Pattern.compile("(?m)^[^#\\n]*?\\b([a-z]+://[^\\s\\]]+/debian)/?(?:\\s|$)");

    /// Only the packages' own scripts want these, unless a test asks for one.
    private static final Pattern UNWANTED =
            Pattern.compile(
                    "(perl|libperl|libgdbm|libdb5|debconf|dpkg|tar_|systemd|libsystemd-shared).*");

    private static final Duration LIST_AGE = Duration.ofHours(1);

    /// Packages of a release, which the first caller of this machine brings.
    ///
    /// @param name of the folder in the tests' cache
    static DebianPackages ready(String name, String release, String... names) {
        return TestCache.use(
                name,
                cache -> {
                    var root = new Folder(cache.resolve(name));
                    root.fillOnce(folder -> unpack(release, folder, names));
                    return new DebianPackages(root.path());
                });
    }

    /// Whether this machine's package sources name a mirror to bring them from.
    static boolean areAvailable() {
        return Command.run(List.of("dpkg-deb", "--version")).succeeded() && !mirror().isEmpty();
    }

    /// Unpacks packages and all that they depend on.
    ///
    /// @param folder where to; it is made
    private static void unpack(String release, Path folder, String... names) {
        var apt = Folder.temporary("fustor-apt-");
        try {
            TestCache.use(
                    "lists-" + release,
                    cache -> {
                        download(apt.path(), cache.resolve("lists-" + release), release, names);
                        return apt;
                    });
            try (var packages =
                    Files.newDirectoryStream(apt.path().resolve("cache/archives"), "*.deb")) {
                for (var file : packages) {
                    if (isWanted(file.getFileName().toString(), names)) {
                        Command.run(List.of("dpkg-deb", "-x", file.toString(), folder.toString()))
                                .orFail("A package could not be unpacked");
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            apt.delete();
        }
    }

    /// To read the list of a release takes longer than most downloads do.
    private static void download(Path apt, Path lists, String release, String... names) {
        try {
            var options = options(apt, lists, release);
            var read = lists.resolve("read");
            var install =
                    Stream.concat(Stream.of("-y", "--download-only", "install"), Stream.of(names))
                            .toArray(String[]::new);
            if (isRecent(read) && aptGet(options, install).succeeded()) {
                return;
            }
            aptGet(options, "update").orFail("The list of Debian's packages could not be read");
            Files.writeString(read, Instant.now().toString());
            aptGet(options, install).orFail(List.of(names) + " of Debian could not be downloaded");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Later the mirror may have newer packages, and no longer those of the list.
    private static boolean isRecent(Path read) throws IOException {
        return Files.exists(read)
                && Files.getLastModifiedTime(read)
                        .toInstant()
                        .isAfter(Instant.now().minus(LIST_AGE));
    }

    /// @param file `name_version_architecture.deb`
    private static boolean isWanted(String file, String... names) {
        var name = file.substring(0, file.indexOf('_'));
        return List.of(names).contains(name) || !UNWANTED.matcher(file).matches();
    }

    private static List<String> options(Path apt, Path lists, String release) throws IOException {
        Files.createDirectories(lists.resolve("partial"));
        Files.createDirectories(apt.resolve("cache/archives/partial"));
        var sources = apt.resolve("sources.list");
        Files.writeString(sources, "deb " + mirror() + " " + release + " main\n");
        return Stream.of(
                        "Dir::State=" + apt,
                        "Dir::State::Lists=" + lists,
                        "Dir::State::status=/dev/null",
                        "Dir::Cache=" + apt.resolve("cache"),
                        "Dir::Etc::sourcelist=" + sources,
                        "Dir::Etc::sourceparts=/dev/null",
                        "Dir::Etc::preferencesparts=/dev/null",
                        "APT::Sandbox::User=",
                        "Debug::NoLocking=1",
                        "APT::Install-Recommends=0",
                        "DPkg::Pre-Install-Pkgs::=",
                        "APT::Keep-Downloaded-Packages=1",
                        "Binary::apt-get::APT::Keep-Downloaded-Packages=1")
                .flatMap(option -> Stream.of("-o", option))
                .toList();
    }

    private static Command aptGet(List<String> options, String... words) {
        var command = new ArrayList<>(List.of("apt-get", "-qq"));
        command.addAll(options);
        command.addAll(List.of(words));
        return Command.run(command);
    }

    /// The mirror of Debian's main archive that this machine uses, or nothing.
    private static String mirror() {
        var sources =
                Command.run(
                        List.of(
                                "sh",
                                "-c",
                                "cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list"
                                        + " /etc/apt/sources.list.d/*.list 2>/dev/null"));
        var found = MIRROR.matcher(sources.output());
        return found.find() ? found.group(1) : "";
    }

    /// How to run a program of the packages, by its path below the root.
    List<String> commandLine(String program) {
        // Newer releases keep under /usr/lib what older ones keep under /lib.
        var folders =
                Stream.of("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu").map(root::resolve);
        var loader =
                folders.map(folder -> folder.resolve("ld-linux-x86-64.so.2"))
                        .filter(Files::exists)
                        .findFirst()
                        .orElseThrow();
        var libraries =
                Stream.of(
                                "usr/lib/x86_64-linux-gnu",
                                "lib/x86_64-linux-gnu",
                                "usr/lib/x86_64-linux-gnu/systemd",
                                "usr/lib/mysql/private")
                        .map(folder -> root.resolve(folder).toString())
                        .collect(Collectors.joining(":"));
        return List.of(
                loader.toString(), "--library-path", libraries, root.resolve(program).toString());
    }
}
