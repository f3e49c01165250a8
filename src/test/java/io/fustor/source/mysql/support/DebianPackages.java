package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /// Only the packages' own scripts want these.
    private static final Pattern UNWANTED =
            Pattern.compile("(perl|libperl|libgdbm|libdb5|debconf|dpkg|tar_).*");

    /// Whether this machine's package sources name a mirror to bring them from.
    static boolean areAvailable() {
        return Command.run(List.of("dpkg-deb", "--version")).succeeded() && !mirror().isEmpty();
    }

    /// Unpacks packages and all that they depend on.
    ///
    /// @param folder where to; it is made
    static void unpack(String release, String packageName, Path folder) {
        var apt = Folder.temporary("fustor-apt-");
        try {
            var options = options(apt.path(), release);
            aptGet(options, "update").orFail("The list of Debian's packages could not be read");
            aptGet(options, "-y", "--download-only", "install", packageName)
                    .orFail(packageName + " of Debian could not be downloaded");
            try (var packages =
                    Files.newDirectoryStream(apt.path().resolve("cache/archives"), "*.deb")) {
                for (var file : packages) {
                    if (!UNWANTED.matcher(file.getFileName().toString()).matches()) {
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

    private static List<String> options(Path apt, String release) throws IOException {
        Files.createDirectories(apt.resolve("lists/partial"));
        Files.createDirectories(apt.resolve("cache/archives/partial"));
        var sources = apt.resolve("sources.list");
        Files.writeString(sources, "deb " + mirror() + " " + release + " main\n");
        return Stream.of(
                        "Dir::State=" + apt,
                        "Dir::State::Lists=" + apt.resolve("lists"),
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
                                "usr/lib/mysql/private")
                        .map(folder -> root.resolve(folder).toString())
                        .collect(Collectors.joining(":"));
        return List.of(
                loader.toString(), "--library-path", libraries, root.resolve(program).toString());
    }
}
