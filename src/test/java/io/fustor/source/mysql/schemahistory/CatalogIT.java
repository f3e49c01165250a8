package io.fustor.source.mysql.schemahistory;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.binlog.ReadRows;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.schemahistory.Catalog.Entry;
import io.fustor.source.mysql.schemahistory.Corpus.Step;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.TableDescription;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Every statement of a corpus is run, read back from the binlog, and applied; then all tables look
/// as the server describes them.
///
/// It is asked for that after some of the statements, drawn at random, and after the last one;
/// `-Dlong=fuzz` asks after each (`-Dfuzz.compared=1`).
@Tag("fuzz")
class CatalogIT {

    private static final int COMPARED = Integer.getInteger("fuzz.compared", 15);

    private static final int WORDS = Integer.getInteger("fuzz.words", 120);

    /// What the server has after a step; without tables where it was not asked.
    private record Stage(Step step, String error, long binlogEnd, TreeMap<String, String> tables) {}

    private final long seed = Seeds.of("fuzz.seed", CatalogIT.class);
    private final Random random = new Random(seed);

    @Test
    void followMySql80StatementByStatement() throws Exception {
        try (var mysql = TestMySql.start("--binlog-row-metadata=MINIMAL")) {
            assertThat(differences(mysql, "SHOW MASTER STATUS", "mysql-8.0")).isEmpty();
            assertThat(differences(mysql, "SHOW MASTER STATUS", wordsAndTypes(mysql))).isEmpty();
        }
    }

    @Test
    void followMySql57StatementByStatement() throws Exception {
        try (var mysql = TestMySql.start(ServerRelease.MYSQL_5_7)) {
            assertThat(differences(mysql, "SHOW MASTER STATUS", wordsAndTypes(mysql))).isEmpty();
        }
    }

    @Test
    void followMySql97StatementByStatement() throws Exception {
        try (var mysql = TestMySql.start97("--binlog-row-metadata=MINIMAL")) {
            assertThat(differences(mysql, "SHOW BINARY LOG STATUS", "mysql-9")).isEmpty();
            assertThat(differences(mysql, "SHOW BINARY LOG STATUS", wordsAndTypes(mysql)))
                    .isEmpty();
        }
    }

    /// What MariaDB alone knows loses its tables, and no other.
    @Test
    void loseWhatOnlyMariaDbKnows() throws Exception {
        try (var mariaDb = TestMySql.startMariaDb("--binlog-row-metadata=MINIMAL")) {
            assertThat(differences(mariaDb, "SHOW MASTER STATUS", "mariadb"))
                    .allMatch(difference -> difference.contains("lost: "));
            assertThat(differences(mariaDb, "SHOW MASTER STATUS", wordsAndTypes(mariaDb)))
                    .isEmpty();
        }
    }

    /// Words that a server knows, without quotes at the places of names, and types in all spellings
    /// with all kinds of defaults. The server refuses some.
    private List<Step> wordsAndTypes(TestMySql mysql) throws Exception {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step("[refused] database of before", "DROP DATABASE maria_shop"));
        steps.add(new Step("database", "CREATE DATABASE words_" + seedName()));
        steps.add(new Step("[use]", "USE words_" + seedName()));
        List<String> words = new ArrayList<>(SqlWords.of(mysql));
        Collections.shuffle(words, random);
        for (String word : words.subList(0, Math.min(words.size(), WORDS))) {
            SqlWords.uses(word).forEach(sql -> steps.add(new Step("[refused] " + word, sql)));
        }
        int number = 0;
        for (String type : SqlWords.TYPES) {
            String table = "typed" + number++;
            String sql = "CREATE TABLE %s (a INT, b %s, c INT)".formatted(table, type);
            steps.add(new Step("[refused] " + type, sql));
        }
        return steps;
    }

    private String seedName() {
        return Long.toHexString(seed);
    }

    private List<String> differences(TestMySql mysql, String status, String corpus)
            throws Exception {
        return differences(mysql, status, Corpus.of(corpus).steps());
    }

    private List<String> differences(TestMySql mysql, String status, List<Step> steps)
            throws Exception {
        System.out.println("seed " + seed);
        String file = Sql.value(mysql, status);
        long offset = Long.parseLong(Sql.column(mysql, status, 2).getFirst());
        Catalog schemas;
        List<Stage> stages = new ArrayList<>();
        try (var connection = mysql.jdbc();
                var describing = mysql.jdbc();
                var server = new MySqlServer(ReadRows.access(mysql))) {
            schemas = SchemaBaseline.read(describing, null, null);
            int rarely = steps.size() > 300 ? 20 : 1;
            for (var step : steps) {
                boolean isCompared =
                        random.nextInt(COMPARED * rarely) == 0 || step == steps.getLast();
                var stage = run(status, connection, step);
                if (isCompared) {
                    describe(server, describing, stage.tables());
                }
                stages.add(stage);
            }
        }
        var identity = schemas.server();
        var parser = new DdlParser(identity.version(), identity.isMariaDb());
        var statements = BinlogStatements.read(mysql, file, offset).iterator();
        var differences = new ArrayList<String>();
        var next = statements.next();
        for (var stage : stages) {
            var texts = new StringBuilder();
            while (next != null && next.end() <= stage.binlogEnd()) {
                texts.append(next.text()).append("; ");
                schemas = schemas.after(parser.parse(next.sql(), next.context()), next.context());
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

    private static void describe(
            MySqlServer server, Connection connection, TreeMap<String, String> tables)
            throws SQLException {
        try {
            server.describe(Selection.EVERYTHING).readable().forEach(table -> put(table, tables));
        } catch (SourceException e) {
            describeEach(server, connection, tables);
        }
    }

    /// Without the tables that are refused.
    private static void describeEach(
            MySqlServer server, Connection connection, TreeMap<String, String> tables)
            throws SQLException {
        var plain =
                """
                SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
                WHERE TABLE_TYPE = 'BASE TABLE'
                  AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema')
                """;
        var ids = new ArrayList<TableId>();
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(plain)) {
            while (row.next()) {
                ids.add(new TableId(row.getString(1), row.getString(2)));
            }
        }
        for (TableId id : ids) {
            put(Objects.requireNonNull(server.describe(id)), tables);
        }
    }

    private static void put(TableDescription table, TreeMap<String, String> tables) {
        tables.put(table.schema().id().toString(), print(table.schema()));
    }

    /// The history ignores `COMPRESSED`, since table maps have it themselves.
    private static void leaveOutCompressed(
            TreeMap<String, String> theirs, TreeMap<String, String> ours) {
        var tables =
                theirs.entrySet().stream()
                        .filter(table -> table.getValue().contains("type=COMPRESSED"))
                        .map(Map.Entry::getKey)
                        .toList();
        tables.forEach(theirs::remove);
        tables.forEach(ours::remove);
    }

    private static void compare(
            Stage stage, Catalog schemas, String texts, List<String> differences) {
        var ours = new TreeMap<String, String>();
        schemas.tables()
                .forEach(
                        (id, entry) -> {
                            switch (entry) {
                                case Entry.Known(TableDefinition table) ->
                                        ours.put(id.toString(), print(table.schema()));
                                case Entry.Lost(String why) ->
                                        ours.put(id.toString(), "lost: " + why);
                                case Entry.View _ -> {
                                    // In no feed.
                                }
                            }
                        });
        leaveOutCompressed(stage.tables(), ours);
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
                    .forEach(
                            id ->
                                    difference
                                            .append("\n  only in the history: ")
                                            .append(id)
                                            .append(' ')
                                            .append(ours.get(id)));
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
