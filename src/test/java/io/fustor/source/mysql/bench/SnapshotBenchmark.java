package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/// How fast a table is read whole: by the service as a snapshot, to a client that counts, beside
/// Connector/J that reads the same rows without a consumer, and a dump program whose output is
/// counted.
record SnapshotBenchmark(BenchmarkStage stage, BenchmarkSize size) {

    private static final String QUERY = "SELECT * FROM " + BenchmarkTable.ARCHIVE;
    private static final int COLUMNS = BenchmarkTable.COLUMNS.length;

    SideBySide run() throws Exception {
        stage.table().fillArchive(size.snapshotRows());
        SideBySide all = new SideBySide(stage, size.snapshotRows(), size.rounds());
        all.service(
                "this service",
                () ->
                        stage.readFeed(
                                "snapshot=only&tables=" + BenchmarkTable.ARCHIVE, Long.MAX_VALUE));
        all.own("Connector/J, text, rows passed over", () -> select(false, false));
        all.own("Connector/J, text, each value as bytes", () -> select(false, true));
        all.own("Connector/J, prepared, rows passed over", () -> select(true, false));
        Optional<Path> program = dumpProgram();
        if (program.isPresent()) {
            Path dump = program.get();
            all.program(dump.getFileName().toString(), () -> dump(dump));
        }
        return all.run();
    }

    static String table(SideBySide figures) {
        return figures.table("Snapshot", 0)
                + (dumpProgram().isPresent() ? "" : "\nThere is no mysqldump on this machine.\n");
    }

    private Reading select(boolean isPrepared, boolean isTouched) throws SQLException {
        try (Connection connection = connect(isPrepared);
                PreparedStatement select =
                        connection.prepareStatement(
                                QUERY, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY)) {
            select.setFetchSize(Integer.MIN_VALUE);
            long start = System.nanoTime();
            long count = 0;
            long bytes = 0;
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    count++;
                    bytes += isTouched ? touch(rows) : 0;
                }
            }
            return new Reading(count, bytes, System.nanoTime() - start);
        }
    }

    private static long touch(ResultSet rows) throws SQLException {
        long bytes = 0;
        for (int i = 1; i <= COLUMNS; i++) {
            bytes += rows.getBytes(i).length;
        }
        return bytes;
    }

    private Connection connect(boolean isPrepared) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", TestMySql.CAPTURE.user());
        properties.setProperty("password", TestMySql.CAPTURE.password());
        properties.setProperty("sslMode", "DISABLED");
        properties.setProperty("allowPublicKeyRetrieval", "true");
        properties.setProperty("useServerPrepStmts", Boolean.toString(isPrepared));
        return DriverManager.getConnection("jdbc:mysql://" + stage.mysql().uri() + "/", properties);
    }

    private static Optional<Path> dumpProgram() {
        List<String> folders = Arrays.asList(System.getenv("PATH").split(":", -1));
        return Stream.of("mariadb-dump", "mysqldump")
                .flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private Reading dump(Path program) throws IOException, InterruptedException {
        String[] table = BenchmarkTable.ARCHIVE.split("\\.", -1);
        ProcessBuilder builder =
                new ProcessBuilder(
                                program.toString(),
                                "--no-defaults",
                                "--host=" + stage.mysql().host(),
                                "--port=" + stage.mysql().port(),
                                "--user=" + TestMySql.CAPTURE.user(),
                                "--loose-ssl-mode=DISABLED",
                                "--loose-skip-ssl",
                                "--single-transaction",
                                "--quick",
                                "--no-tablespaces",
                                "--no-create-info",
                                table[0],
                                table[1])
                        .redirectError(Redirect.INHERIT);
        builder.environment().put("MYSQL_PWD", TestMySql.CAPTURE.password());
        long start = System.nanoTime();
        Process process = builder.start();
        try (InputStream out = process.getInputStream()) {
            Reading reading = Reading.ofMarks(out, Long.MAX_VALUE, start);
            if (process.waitFor() != 0) {
                throw new IOException(program + " ended with " + process.exitValue());
            }
            return reading;
        }
    }
}
