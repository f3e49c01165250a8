package io.fustor.source.mysql.schemahistory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.schemahistory.CollationNames.Named;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaHistoryTests {

    private static final long SERVER = 42;
    private static final TableId ORDERS = new TableId("shop", "orders");
    private static final StatementContext SHOP = new StatementContext("shop", 0, 45, 45, 0);

    private final StateDatabase state = new StateDatabase();
    private final SchemaHistory history = SchemaHistory.load(state.store(), SERVER, SERVER);

    private SchemaFollower follower;
    private long offset = 1000;

    @BeforeEach
    void begin() {
        history.begin(
                history.revision(),
                at(offset),
                baseline("CREATE TABLE orders (id INT PRIMARY KEY, a INT)"));
        follower = history.follow(at(offset));
    }

    private static Catalog baseline(String... statements) {
        var collations =
                new CollationNames(
                        List.of(
                                new Named("utf8mb4_general_ci", 45, "utf8mb4", true, 4),
                                new Named("latin1_swedish_ci", 8, "latin1", true, 1),
                                new Named("binary", 63, "binary", true, 1)));
        var server = new Catalog.ServerNames(80031, false, false, collations);
        var schemas = new Catalog(server, Map.of("shop", 45), Map.of());
        for (String sql : statements) {
            schemas = schemas.after(new DdlParser(80031, false).parse(sql, SHOP), SHOP);
        }
        return schemas;
    }

    private static final int CREATED = 1_700_000_000;

    private static Place at(long offset) {
        return new Place(SERVER, 7, offset, CREATED, 0, null, null);
    }

    /// A statement of a hundred bytes; returns where its transaction starts.
    private long run(String sql) {
        return run(follower, sql);
    }

    private long run(SchemaFollower reader, String sql) {
        long start = offset;
        offset += 100;
        reader.statement(at(start), at(offset), sql.getBytes(StandardCharsets.UTF_8), SHOP);
        return start;
    }

    private static List<String> names(SchemaHistory history, TableId table, long offset) {
        return history.at(table, at(offset)).columns().stream().map(Column::name).toList();
    }

    @Test
    void saysForEachPlaceWhatATableLookedLike() {
        offset += 100;
        long first = run("ALTER TABLE orders ADD COLUMN b INT FIRST");
        long second = run("ALTER TABLE orders RENAME COLUMN a TO c");

        assertThat(names(history, ORDERS, first - 1)).containsExactly("id", "a");
        assertThat(names(history, ORDERS, first)).containsExactly("b", "id", "a");
        assertThat(names(history, ORDERS, second - 1)).containsExactly("b", "id", "a");
        assertThat(names(history, ORDERS, second)).containsExactly("b", "id", "c");
    }

    @Test
    void hasEverythingAgainAfterARestart() {
        long altered = run("ALTER TABLE orders ADD COLUMN b ENUM('x','ü') FIRST");
        run("CREATE TABLE other (a VARCHAR(10) CHARACTER SET latin1, PRIMARY KEY (a))");
        long dropped = run("DROP TABLE orders");
        run("CREATE TABLE broken (a THING)");
        run("ALTER DATABASE shop CHARACTER SET latin1");

        var again = SchemaHistory.load(state.store(), SERVER, SERVER);

        assertThat(again.at(ORDERS, at(altered)).looksLike(history.at(ORDERS, at(altered))))
                .isTrue();
        assertThat(again.at(ORDERS, at(dropped))).isNull();
        assertThat(names(again, new TableId("shop", "other"), offset)).containsExactly("a");
        assertThatThrownBy(() -> again.at(new TableId("shop", "broken"), at(offset)))
                .hasMessageContaining("shop.broken")
                .hasMessageContaining("could not be read");
        assertThat(again.end()).isEqualTo(at(offset));
        offset += 50;
        var resumed = again.follow(at(offset - 50));
        run(resumed, "CREATE TABLE after_restart (a CHAR(3))");
        assertThat(again.at(new TableId("shop", "after_restart"), at(offset)).columns())
                .extracting(Column::collation)
                .containsExactly(8);
    }

    @Test
    void doesNotApplyAgainWhatWasReadBefore() {
        long altered = run("ALTER TABLE orders ADD COLUMN b INT");
        var late = history.follow(at(1000));
        late.statement(
                at(altered),
                at(altered + 100),
                "ALTER TABLE orders ADD COLUMN b INT".getBytes(StandardCharsets.UTF_8),
                SHOP);

        assertThat(names(history, ORDERS, offset)).containsExactly("id", "a", "b");
    }

    @Test
    void agreesWithAnotherInstanceThatReadsTheSame() {
        var other = SchemaHistory.load(state.store(), SERVER, SERVER);
        var otherReader = other.follow(at(offset));
        var sql = "ALTER TABLE orders ADD COLUMN b INT";
        long first = run(sql);
        otherReader.statement(
                at(first), at(first + 100), sql.getBytes(StandardCharsets.UTF_8), SHOP);
        long second = run(otherReader, "ALTER TABLE orders DROP COLUMN a");
        follower.statement(
                at(second),
                at(second + 100),
                "ALTER TABLE orders DROP COLUMN a".getBytes(StandardCharsets.UTF_8),
                SHOP);

        assertThat(names(other, ORDERS, offset)).containsExactly("id", "b");
        assertThat(names(history, ORDERS, offset)).containsExactly("id", "b");
    }

    /// Two instances read the same statements at their own pace, and store what one alone would.
    @Test
    void twoInstancesExtendItWithoutGapsOrRepetitions() throws Exception {
        long seed = System.nanoTime();
        System.out.println("SchemaHistoryTests: seed " + seed);
        RandomDdl ddl = new RandomDdl(new Random(seed));
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            statements.add(ddl.next().replace("%s", "shop"));
        }
        var alone = new StateDatabase();
        var single = SchemaHistory.load(alone.store(), SERVER, SERVER);
        single.begin(single.revision(), at(1000), baseline());
        runAll(single, statements, new Random(seed));

        var shared = new StateDatabase();
        var first = SchemaHistory.load(shared.store(), SERVER, SERVER);
        first.begin(first.revision(), at(1000), baseline());
        var second = SchemaHistory.load(shared.store(), SERVER, SERVER);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var one = threads.submit(() -> runAll(first, statements, new Random(seed + 1)));
            var two = threads.submit(() -> runAll(second, statements, new Random(seed + 2)));
            one.get(60, TimeUnit.SECONDS);
            two.get(60, TimeUnit.SECONDS);
        }

        var expected = alone.store().load(SERVER).orElseThrow();
        var stored = shared.store().load(SERVER).orElseThrow();
        assertThat(stored.versions()).containsExactlyInAnyOrderElementsOf(expected.versions());
        assertThat(stored.collations()).isEqualTo(expected.collations());
        assertThat(stored.through()).isEqualTo(expected.through());
        for (var history : List.of(first, second)) {
            assertThat(history.current().tables()).isEqualTo(single.current().tables());
        }
    }

    private static void runAll(SchemaHistory history, List<String> statements, Random pace) {
        var reader = history.follow(at(1000));
        long start = 1000;
        for (String sql : statements) {
            if (pace.nextInt(10) == 0) {
                LockSupport.parkNanos(pace.nextInt(5_000_000));
            }
            reader.statement(
                    at(start), at(start + 100), sql.getBytes(StandardCharsets.UTF_8), SHOP);
            start += 100;
        }
        reader.passed(at(start));
    }

    @Test
    void refusesAReaderThatMissedStatements() {
        assertThat(history.hasGapBefore(at(offset + 1))).isTrue();
        assertThatThrownBy(() -> history.follow(at(offset + 1)))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.SCHEMA_UNKNOWN))
                .hasMessageContaining("offset 1000");
        follower.passed(at(offset + 1));
        assertThat(history.hasGapBefore(at(offset + 1))).isFalse();
    }

    @Test
    void knowsNothingBeforeTheBaseline() {
        assertThatThrownBy(() -> history.at(ORDERS, at(999))).hasMessageContaining("offset 1000");
        assertThatThrownBy(() -> SchemaHistory.load(state.store(), 1, 1).follow(at(0)))
                .hasMessageContaining("not known yet");
    }

    @Test
    void goesOnWhereAnUnknownStatementTouchesNoTableThatIsThere() {
        var lost =
                follower.statement(
                        at(1000),
                        at(1100),
                        "ALTER TABLE elsewhere FROBNICATE".getBytes(StandardCharsets.UTF_8),
                        SHOP);

        assertThat(lost).containsExactly(new TableId("shop", "elsewhere"));
        assertThat(names(history, ORDERS, 1000)).containsExactly("id", "a");
    }

    @Test
    void losesATableThatAnUnknownStatementTouches() {
        var lost =
                follower.statement(
                        at(1000),
                        at(1100),
                        "ALTER TABLE orders FROBNICATE".getBytes(StandardCharsets.UTF_8),
                        SHOP);

        assertThat(lost).containsExactly(ORDERS);
        assertThatThrownBy(() -> history.at(ORDERS, at(1000))).hasMessageContaining("shop.orders");
    }

    @Test
    void findsALostTableAgainWhenItIsMadeAnew() {
        long lost = run("ALTER TABLE orders FROBNICATE");
        run("DROP TABLE orders");
        run("CREATE TABLE orders (id INT, z INT)");

        assertThatThrownBy(() -> history.at(ORDERS, at(lost)));
        assertThat(names(history, ORDERS, offset)).containsExactly("id", "z");
    }

    @Test
    void namesTheColumnsOfATableMapThatAgrees() {
        var naming =
                history.named(
                        at(1000),
                        map(column(ColumnType.INT, false), column(ColumnType.INT, false)),
                        true);

        assertThat(naming.named().columns()).extracting(Column::name).containsExactly("id", "a");
        assertThat(naming.named().primaryKey()).containsExactly(0);
    }

    @Test
    void doesNotNameATableMapThatContradicts() {
        refuses(map(column(ColumnType.INT, false)), "2 columns");
        refuses(map(column(ColumnType.INT, false), column(ColumnType.BIGINT, false)), "column 2");
        refuses(map(column(ColumnType.INT, true), column(ColumnType.INT, false)), "column 1");
    }

    private void refuses(TableSchema map, String why) {
        var naming = history.named(at(1000), map, true);

        assertThat(naming.problem()).contains(why);
        assertThat(naming.table()).isSameAs(map);
        assertThatThrownBy(naming::named)
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.SCHEMA_UNKNOWN));
    }

    @Test
    void doesNotNameATableThatNoStatementMade() {
        var map = new TableSchema(new TableId("shop", "ghost"), List.of(), new int[0]);

        assertThat(history.named(at(1000), map, true).problem()).contains("shop.ghost");
    }

    @Test
    void takesTimesOfATableThatWasNeverRebuilt() {
        run("CREATE TABLE old (a DATETIME, b TIME)");
        var map =
                new TableSchema(
                        new TableId("shop", "old"),
                        List.of(
                                column(ColumnType.OLD_DATETIME, false),
                                column(ColumnType.OLD_TIME, false)),
                        new int[0]);

        assertThat(history.named(at(offset), map, true).named().columns())
                .extracting(Column::type)
                .containsExactly(ColumnType.OLD_DATETIME, ColumnType.OLD_TIME);
    }

    @Test
    void beginsAnewWithAnotherBaseline() {
        run("DROP TABLE orders");
        history.begin(history.revision(), at(5000), baseline("CREATE TABLE orders (other INT)"));

        assertThat(names(history, ORDERS, 5000)).containsExactly("other");
        assertThat(names(SchemaHistory.load(state.store(), SERVER, SERVER), ORDERS, 5000))
                .containsExactly("other");
    }

    @Test
    void leavesAHistoryAloneThatAnotherInstanceBeganOrCarriedOn() {
        var other = SchemaHistory.load(state.store(), SERVER, SERVER);
        long known = other.revision();
        long altered = run("ALTER TABLE orders ADD COLUMN b INT");
        other.begin(known, at(5000), baseline("CREATE TABLE orders (other INT)"));
        assertThat(names(other, ORDERS, altered)).containsExactly("id", "a", "b");

        long stale = other.revision();
        history.begin(history.revision(), at(6000), baseline("CREATE TABLE orders (newer INT)"));
        other.begin(stale, at(5000), baseline("CREATE TABLE orders (other INT)"));

        assertThat(names(other, ORDERS, 6000)).containsExactly("newer");
        assertThat(names(SchemaHistory.load(state.store(), SERVER, SERVER), ORDERS, 6000))
                .containsExactly("newer");
    }

    @Test
    void knowsATableBeforeTheBaselineWhereNoStatementBetweenTouchesIt() {
        assertThat(history.unknownPast(at(1000))).isNull();
        assertThat(history.unknownPast(at(500))).isEqualTo(at(1000));
        know(500, 1000, 700, "ALTER TABLE orders ADD COLUMN a INT");

        assertThat(history.unknownPast(at(500))).isNull();
        assertThat(names(history, ORDERS, 700)).containsExactly("id", "a");
        assertThatThrownBy(() -> history.at(ORDERS, at(699)))
                .hasMessageContaining("shop.orders")
                .hasMessageContaining("offset 699");
    }

    @Test
    void tellsTheBaselineFromAStatementRightAfterIt() {
        run("ALTER TABLE orders RENAME COLUMN a TO b");
        know(500, 1000, 700, "DROP TABLE other");

        for (var each : List.of(history, SchemaHistory.load(state.store(), SERVER, SERVER))) {
            each.know(at(500), at(1000), each.touched(), Map.of(7L, CREATED));
            assertThat(names(each, ORDERS, 999)).containsExactly("id", "a");
            assertThat(names(each, ORDERS, 1000)).containsExactly("id", "b");
        }
    }

    @Test
    void knowsFurtherBackWithWhatItKnewBefore() {
        know(500, 1000, 700, "DROP DATABASE other");
        know(100, 500, 300, "RENAME TABLE another TO orders");

        assertThat(names(history, ORDERS, 300)).containsExactly("id", "a");
        assertThatThrownBy(() -> history.at(ORDERS, at(299))).hasMessageContaining("shop.orders");
        assertThatThrownBy(() -> history.at(ORDERS, at(99))).hasMessageContaining("was not read");
        know(50, 100, 60, "some nonsense");
        assertThatThrownBy(() -> history.at(ORDERS, at(60))).hasMessageContaining("a statement");
    }

    @Test
    void takesAnUnreadableStatementForOneOnEveryTableItNames() {
        know(500, 1000, 700, "ALTER TABLE elsewhere SPLIT INTO (orders, others)");

        assertThatThrownBy(() -> history.at(ORDERS, at(600))).hasMessageContaining("shop.orders");
        assertThat(names(history, ORDERS, 700)).containsExactly("id", "a");
    }

    private void know(long start, long end, long at, String sql) {
        var touched = history.touched();
        touched.take(at(at), sql.getBytes(StandardCharsets.UTF_8), SHOP);
        history.know(at(start), at(end), touched, Map.of(7L, CREATED));
    }

    @Test
    void keepsOfTheVersionsBeforeTheOldestFileTheLastOne() {
        run("ALTER TABLE orders ADD COLUMN b INT");
        run("CREATE TABLE gone (a INT)");
        long last = run("ALTER TABLE orders ADD COLUMN c INT");
        run("DROP TABLE gone");
        long later = run("ALTER TABLE orders ADD COLUMN d INT");
        history.prune(at(later - 1));

        for (var each : List.of(history, SchemaHistory.load(state.store(), SERVER, SERVER))) {
            assertThat(each.at(ORDERS, at(last - 1))).isNull();
            assertThat(names(each, ORDERS, later - 1)).containsExactly("id", "a", "b", "c");
            assertThat(names(each, ORDERS, later)).containsExactly("id", "a", "b", "c", "d");
            assertThat(each.at(new TableId("shop", "gone"), at(later))).isNull();
        }
        assertThat(state.versions()).isEqualTo(2);
    }

    @Test
    void saysThatTheStateDatabaseFailed() {
        state.drop();

        assertThatThrownBy(() -> run("ALTER TABLE orders ADD COLUMN b INT"))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.STATE_UNAVAILABLE));
        assertThat(names(history, ORDERS, offset)).containsExactly("id", "a");
    }

    private static TableSchema map(Column... columns) {
        return new TableSchema(ORDERS, List.of(columns), new int[0]);
    }

    private static Column column(ColumnType type, boolean unsigned) {
        return new Column("", type, 0, 0, unsigned, 0, List.of());
    }
}
