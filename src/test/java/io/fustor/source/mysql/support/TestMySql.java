package io.fustor.source.mysql.support;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/// A real MySQL server for tests and the demo: from Docker where an engine answers, else the mysqld
/// 8.0 that the build brings along; the shared one is the server that `FUSTOR_TEST_MYSQL_URL`
/// names, if that is set. It writes a row-based binlog with GTIDs and full metadata, and lives in
/// UTC. It never skips a test: where no server can be had, it fails with a sentence that says what
/// to install.
public final class TestMySql implements AutoCloseable {

    /// A user that may log in from any host.
    public record Login(String user, String password) {}

    /// May do everything.
    public static final Login ROOT = new Login("root", "root-password-of-tests");

    /// May do what a source needs: read all tables, follow the binlog, see its positions.
    public static final Login CAPTURE = new Login("capture", "capture-password-of-tests");

    /// May read tables, but not follow the binlog.
    public static final Login READER = new Login("reader", "reader-password-of-tests");

    /// May log in, and nothing else.
    public static final Login UNPRIVILEGED =
            new Login("unprivileged", "unprivileged-password-of-tests");

    static final List<String> CREATE_LOGINS =
            List.of(
                    create(ROOT),
                    "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION",
                    create(CAPTURE),
                    "GRANT SELECT, RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'capture'@'%'",
                    create(READER),
                    "GRANT SELECT ON *.* TO 'reader'@'%'",
                    create(UNPRIVILEGED));

    /// What every server is started with; a test's own options come after these. Nothing is synced
    /// to the disk, but a commit is handed to the operating system (`=2`): so it survives `kill`,
    /// in the tables as in the binlog.
    static final List<String> OPTIONS =
            List.of(
                    "--server-id=1",
                    "--log-bin=binlog",
                    "--binlog-format=ROW",
                    "--binlog-row-image=FULL",
                    "--loose-binlog-row-metadata=FULL",
                    "--gtid-mode=ON",
                    "--enforce-gtid-consistency=ON",
                    "--default-time-zone=+00:00",
                    "--loose-mysqlx=OFF",
                    "--skip-name-resolve",
                    "--sync-binlog=0",
                    "--innodb-flush-log-at-trx-commit=2",
                    "--innodb-flush-method=nosync",
                    "--skip-innodb-doublewrite",
                    "--innodb-buffer-pool-size=64M",
                    "--loose-innodb-redo-log-capacity=8M",
                    "--performance-schema=OFF");

    private final ServerHandle server;
    private final boolean isShared;

    private TestMySql(ServerHandle server, boolean isShared) {
        this.server = server;
        this.isShared = isShared;
    }

    /// The one server of this JVM, started by the first caller; it ends with the JVM, and `close`
    /// leaves it running. Tests that share it keep to databases of their own.
    public static TestMySql shared() {
        return Shared.INSTANCE;
    }

    /// A server of one's own.
    ///
    /// @param furtherOptions options of mysqld, such as `--binlog-format=STATEMENT`; they win over
    ///   the default
    public static TestMySql start(String... furtherOptions) {
        return new TestMySql(startServer(List.of(furtherOptions)), false);
    }

    private static ServerHandle startServer(List<String> furtherOptions) {
        return DockerEngine.answers()
                ? MySqlInDocker.start(MySqlInDocker.IMAGE, withDefaults(furtherOptions))
                : MySqlProcess.start(ServerRelease.MYSQL_8_0_31.install(), furtherOptions);
    }

    /// A server of a release of one's own, run by this machine whether Docker is there or not.
    public static TestMySql start(ServerRelease release, String... furtherOptions) {
        return new TestMySql(MySqlProcess.start(release.install(), List.of(furtherOptions)), false);
    }

    private static List<String> withDefaults(List<String> furtherOptions) {
        return Stream.concat(OPTIONS.stream(), furtherOptions.stream()).toList();
    }

    /// A MySQL server of the 9.7 series of one's own.
    public static TestMySql start97(String... furtherOptions) {
        var options = List.of(furtherOptions);
        return new TestMySql(
                DebianPackages.areAvailable()
                        ? MySqlProcess.start(ServerRelease.MYSQL_9_7.install(), options)
                        : inDocker("mysql:9.7", withDefaults(options)),
                false);
    }

    /// A MariaDB server of the 10.11 series of one's own.
    public static TestMySql startMariaDb(String... furtherOptions) {
        var options = List.of(furtherOptions);
        return new TestMySql(
                DebianPackages.areAvailable()
                        ? MySqlProcess.start(ServerRelease.MARIADB_10_11.install(), options)
                        : inDocker("mariadb:10.11", MariaDbInstallation.withDefaults(options)),
                false);
    }

    private static ServerHandle inDocker(String image, List<String> options) {
        if (!DockerEngine.answers()) {
            throw new IllegalStateException(
                    "The tests need "
                            + image
                            + ", which could not be brought: install Docker, or"
                            + " run them on Debian");
        }
        return MySqlInDocker.start(image, options);
    }

    private static String create(Login login) {
        return "CREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s'"
                .formatted(login.user(), login.password());
    }

    public String host() {
        return server.host();
    }

    public int port() {
        return server.port();
    }

    /// `host:port`, as a source's configuration has it.
    public String uri() {
        return host() + ":" + port();
    }

    public String user() {
        return server.user();
    }

    public String password() {
        return server.password();
    }

    /// A new connection as root, in no database, committing by itself; the caller closes it.
    public Connection jdbc() throws SQLException {
        return jdbc(new Login(user(), password()));
    }

    /// A new connection as another user; the caller closes it.
    public Connection jdbc(Login login) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", login.user());
        properties.setProperty("password", login.password());
        properties.setProperty("sslMode", "DISABLED");
        properties.setProperty("allowPublicKeyRetrieval", "true");
        properties.setProperty("connectTimeout", "10000");
        return DriverManager.getConnection("jdbc:mysql://" + uri() + "/", properties);
    }

    /// Runs statements as root, one after the other on one connection, each committed by itself
    /// unless they say otherwise.
    public void execute(String... statements) {
        try (var connection = jdbc();
                var statement = connection.createStatement()) {
            for (var sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /// The server's process id.
    public long pid() {
        return server.pid();
    }

    /// Lets the server shut down; returns when it has.
    public void stop() {
        server.stop();
    }

    /// Ends the server as a power cut would; returns when it is gone.
    public void kill() {
        server.kill();
    }

    /// Starts the server after `stop` or `kill`, with the same data, on the same port.
    ///
    /// @param furtherOptions options after those of the first start; of two that clash, the last
    ///   one wins
    public void startAgain(String... furtherOptions) {
        server.startAgain(List.of(furtherOptions));
    }

    /// Lets the server stand still, with its connections open and nothing answered, until `thaw`.
    public void freeze() {
        server.freeze();
    }

    public void thaw() {
        server.thaw();
    }

    /// What the server has written about itself since its start.
    public String log() {
        return server.log();
    }

    /// Ends the server and removes its data; a shared one goes on.
    @Override
    public void close() {
        if (!isShared) {
            server.close();
        }
    }

    private static final class Shared {

        static final TestMySql INSTANCE =
                new TestMySql(
                        GivenMySql.fromEnvironment().orElseGet(() -> startServer(List.of())), true);
    }
}
