package io.fustor.source.mysql.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.history.Corpus.Step;
import io.fustor.source.mysql.history.Schemas.Entry;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.TableDescription;
import io.fustor.source.mysql.server.TableDescriptions;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Every statement of a corpus is run, read back from the binlog, and applied; then all tables look
/// as the server describes them.
///
/// It is asked for that after some of the statements, drawn at random, and after the last one; the
/// profile `fuzz` asks after each (`-Dfuzz.compared=1`).
class SchemasIT {

    private static final int COMPARED = Integer.getInteger("fuzz.compared", 15);

    /// What the server has after a step; without tables where it was not asked.
    private record Stage(Step step, String error, long binlogEnd, TreeMap<String, String> tables) {}

    private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void followMySql80StatementByStatement() throws Exception {
        try (var mysql = TestMySql.start("--binlog-row-metadata=MINIMAL")) {
            assertThat(differences(mysql, "SHOW MASTER STATUS", "mysql-8.0")).isEmpty();
        }
    }

    @Test
    void followMySql97StatementByStatement() throws Exception {
        try (var mysql = TestMySql.start97("--binlog-row-metadata=MINIMAL")) {
            assertThat(differences(mysql, "SHOW BINARY LOG STATUS", "mysql-9")).isEmpty();
        }
    }

    /// What MariaDB alone knows loses its tables, and no other.
    @Test
    void loseWhatOnlyMariaDbKnows() throws Exception {
        try (var mariaDb = TestMySql.startMariaDb("--binlog-row-metadata=MINIMAL")) {
            assertThat(differences(mariaDb, "SHOW MASTER STATUS", "mariadb"))
                    .allMatch(difference -> difference.contains("lost: "));
        }
    }

    private List<String> differences(TestMySql mysql, String status, String corpus)
            throws Exception {
        System.out.println("seed " + seed);
        String file = Sql.value(mysql, status);
        long offset = Long.parseLong(Sql.column(mysql, status, 2).getFirst());
        Schemas schemas;
        List<Stage> stages = new ArrayList<>();
        try (var connection = mysql.jdbc();
                var describing = mysql.jdbc()) {
            schemas = SchemaBaseline.read(describing, null, null);
            var steps = Corpus.of(corpus).steps();
            for (var step : steps) {
                boolean isCompared = random.nextInt(COMPARED) == 0 || step == steps.getLast();
                var stage = run(status, connection, step);
                if (isCompared) {
                    describe(describing, stage.tables());
                }
                stages.add(stage);
            }
        }
        var server = schemas.server();
        var parser = new DdlParser(server.version(), server.isMariaDb());
        var statements = BinlogStatements.read(mysql, file, offset).iterator();
        var differences = new ArrayList<String>();
        var next = statements.next();
        for (var stage : stages) {
            var texts = new StringBuilder();
            while (next != null && next.end() <= stage.binlogEnd()) {
                texts.append(next.text()).append("; ");
                schemas = schemas.after(parser.parse(next.text(), next.context()), next.context());
                next = statements.hasNext() ? statements.next() : null;
            }
            if (!stage.tables().isEmpty()) {
                compare(stage, schemas, texts.toString(), differences);
            }
            if (!stage.error().isEmpty() && !stage.step().isRefused()) {
                differences.add(stage.step() + ": refused: " + stage.error());
            }
        }
        return differences;
    }

    private static Stage run(String status, Connection connection, Step step) throws SQLException {
        String error = "";
        try (var statement = connection.createStatement()) {
            try {
                statement.execute(step.sql());
            } catch (SQLException e) {
                error = e.getMessage();
            }
            try (var row = statement.executeQuery(status)) {
                row.next();
                return new Stage(step, error, row.getLong(2), new TreeMap<>());
            }
        }
    }

    private static void describe(Connection connection, TreeMap<String, String> tables)
            throws SQLException {
        for (TableDescription table :
                TableDescriptions.selected(connection, Selection.EVERYTHING)) {
            tables.put(table.schema().id().toString(), print(table.schema()));
        }
    }

    private static void compare(
            Stage stage, Schemas schemas, String texts, List<String> differences) {
        var ours = new TreeMap<String, String>();
        schemas.tables()
                .forEach(
                        (id, entry) ->
                                ours.put(
                                        id.toString(),
                                        switch (entry) {
                                            case Entry.Known(TableDefinition table) ->
                                                    print(table.schema());
                                            case Entry.Lost(String why) -> "lost: " + why;
                                        }));
        if (!ours.equals(stage.tables())) {
            var difference = new StringBuilder(stage.step() + ": " + texts);
            stage.tables()
                    .forEach(
                            (id, theirs) -> {
                                if (!theirs.equals(ours.get(id))) {
                                    difference.append("\n  server  ").append(id).append(theirs);
                                    difference
                                            .append("\n  history ")
                                            .append(id)
                                            .append(ours.get(id));
                                }
                            });
            ours.keySet().stream()
                    .filter(id -> !stage.tables().containsKey(id))
                    .forEach(id -> difference.append("\n  only in the history: ").append(id));
            differences.add(difference.toString());
        }
    }

    private static String print(TableSchema table) {
        var text = new StringBuilder(Arrays.toString(table.primaryKey()));
        for (Column column : table.columns()) {
            text.append("\n    ").append(column);
        }
        return text.toString();
    }
}
