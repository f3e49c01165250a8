package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.TestMySql;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Tables beside that of orders, filled by one statement a transaction, of a hundred rows. Each row
/// image holds the mark once here too.
record FurtherTables(TestMySql mysql) {

    static final String COMPRESSED = "bench.compressed";
    static final String NARROW = "bench.narrow";
    static final String WIDE = "bench.wide";
    static final String LIVE = "bench.live";

    static final int WIDE_COLUMNS = 60;

    private static final int TRANSACTION = BenchmarkTable.TRANSACTION;

    private static final String NARROW_ROWS =
            """
            SELECT %1$d + n, CRC32(%1$d + n) DIV 4, CONCAT('#', MD5(n))
            FROM bench.numbers WHERE n <= %2$d""";

    /// Types in the order in which they take turns, and a value of each of the column `@`.
    private static final List<List<String>> KINDS =
            List.of(
                    List.of("INT NOT NULL", "CRC32(n + @) DIV 4"),
                    List.of("BIGINT UNSIGNED NOT NULL", "n * 1000003 * @"),
                    List.of("DECIMAL(12, 2) NOT NULL", "CRC32(n + @) / 100"),
                    List.of("VARCHAR(40) NOT NULL", "MD5(n + @)"),
                    List.of("DATETIME(3) NOT NULL", "'2026-01-01' + INTERVAL n * @ SECOND"),
                    List.of("TIMESTAMP NOT NULL", "'2026-01-01' + INTERVAL n + @ SECOND"),
                    List.of("DOUBLE NOT NULL", "CRC32(n + @) / 1e3"),
                    List.of("TINYINT NULL", "IF(n % 2 = 0, NULL, @)"),
                    List.of("DATE NOT NULL", "'2026-01-01' + INTERVAL n + @ DAY"),
                    List.of("CHAR(10) NOT NULL", "CONCAT('column ', @)"));

    /// A common name with numbers after it.
    static List<String> numbered(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> name + i).toList();
    }

    /// Makes empty tables.
    void createLikeOrders(List<String> names) {
        execute(
                names.stream()
                        .map(name -> "CREATE TABLE " + name + " LIKE " + BenchmarkTable.ORDERS)
                        .toList());
    }

    /// Inserts what [BenchmarkTable#insert] does, each transaction into the next of the tables.
    void insert(List<String> names, int rows) {
        execute(inserts(names, rows));
    }

    void insertCompressed(int rows) {
        List<String> statements = new ArrayList<>();
        statements.add("SET binlog_transaction_compression = ON");
        statements.addAll(inserts(List.of(COMPRESSED), rows));
        execute(statements);
    }

    /// Inserts rows in transactions of so many.
    void insertInTransactions(String name, int rows, int transaction) {
        List<String> statements = new ArrayList<>();
        for (int base = 0; base < rows; base += transaction) {
            int end = Math.min(base + transaction, rows);
            statements.add("START TRANSACTION");
            for (int from = base; from < end; from += TRANSACTION) {
                statements.add(statement(name, from, Math.min(TRANSACTION, end - from)));
            }
            statements.add("COMMIT");
        }
        execute(statements);
    }

    private static List<String> inserts(List<String> names, int rows) {
        List<String> statements = new ArrayList<>();
        for (int base = 0; base < rows; base += TRANSACTION) {
            String name = names.get(base / TRANSACTION % names.size());
            statements.add(statement(name, base, Math.min(TRANSACTION, rows - base)));
        }
        return statements;
    }

    private static String statement(String name, int base, int count) {
        return "INSERT INTO " + name + " " + BenchmarkTable.rows(base, count);
    }

    void delete(String name, int rows) {
        List<String> statements = new ArrayList<>();
        for (int base = 0; base < rows; base += TRANSACTION) {
            statements.add(
                    "DELETE FROM %s WHERE id > %d AND id <= %d"
                            .formatted(name, base, base + TRANSACTION));
        }
        execute(statements);
    }

    void createNarrow() {
        mysql.execute(
                "CREATE TABLE "
                        + NARROW
                        + " (id INT PRIMARY KEY, customer_number INT NOT NULL, v CHAR(33) NOT NULL)");
    }

    void insertNarrow(int rows) {
        insert(NARROW, NARROW_ROWS, rows);
    }

    void createWide() {
        StringBuilder columns = new StringBuilder("id INT PRIMARY KEY, marked VARCHAR(20)");
        for (int i = 2; i < WIDE_COLUMNS; i++) {
            String type = KINDS.get(i % KINDS.size()).getFirst();
            columns.append(", column_").append(i).append(' ').append(type);
        }
        mysql.execute("CREATE TABLE " + WIDE + " (" + columns + ")");
    }

    void insertWide(int rows) {
        StringBuilder values = new StringBuilder("SELECT %1$d + n, CONCAT('#', n)");
        for (int i = 2; i < WIDE_COLUMNS; i++) {
            String value = KINDS.get(i % KINDS.size()).getLast();
            values.append(", ").append(value.replace("@", Integer.toString(i)).replace("%", "%%"));
        }
        insert(WIDE, values + " FROM bench.numbers WHERE n <= %2$d", rows);
    }

    /// @param query of rows, by the number before the first one and their count
    private void insert(String name, String query, int rows) {
        List<String> statements = new ArrayList<>();
        for (int base = 0; base < rows; base += TRANSACTION) {
            int count = Math.min(TRANSACTION, rows - base);
            statements.add("INSERT INTO " + name + " " + query.formatted(base, count));
        }
        execute(statements);
    }

    /// A table, and a procedure that copies into it, within the server, as fast as that can.
    void createLive(String original) {
        createLikeOrders(List.of(LIVE));
        mysql.execute(
                """
                CREATE PROCEDURE bench.copy_live(base INT, last INT, size INT)
                WHILE base < last DO
                    INSERT INTO %s (%2$s) SELECT %2$s FROM %3$s
                        WHERE id > base AND id <= LEAST(base + size, last);
                    SET base = base + size;
                END WHILE"""
                        .formatted(LIVE, columnsButKey(), original));
    }

    private static String columnsButKey() {
        List<String> columns = List.of(BenchmarkTable.COLUMNS);
        return String.join(", ", columns.subList(1, columns.size()));
    }

    /// Copies the rows after a number up to another.
    void copyLive(int base, int last) {
        mysql.execute("CALL bench.copy_live(%d, %d, %d)".formatted(base, last, TRANSACTION));
    }

    private void execute(List<String> statements) {
        mysql.execute(statements.toArray(String[]::new));
    }
}
