package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.charset.StandardCharsets;

/// The tables that the benchmarks fill and read, of ten columns of the usual types. Each row image
/// of theirs holds the mark once, and nothing else in a feed does, so that a reader that counts
/// marks counts rows.
record BenchmarkTable(TestMySql mysql) {

    /// In every row once; no name, token or other value has it.
    static final byte MARK = '#';

    /// Filled through the binlog, for the catch-up.
    static final String ORDERS = "bench.orders";

    /// Filled without the binlog, for snapshots.
    static final String ARCHIVE = "bench.archive";

    /// Gets a row after everything else, so that a reader of the binlog sees that it is done.
    static final String FINISHED = "bench.finished";

    static final String[] COLUMNS = {
        "id",
        "customer_number",
        "order_state",
        "total_amount",
        "delivery_instructions",
        "order_details",
        "placed_at",
        "changed_at",
        "is_urgent",
        "delivery_weight"
    };

    static final String[] STATES = {"new", "paid", "packed", "shipped", "returned"};

    private static final String TABLE =
            """
            CREATE TABLE %s (
                id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
                customer_number INT NOT NULL,
                order_state ENUM('new', 'paid', 'packed', 'shipped', 'returned') NOT NULL,
                total_amount DECIMAL(14, 4) NOT NULL,
                delivery_instructions VARCHAR(200) NOT NULL,
                order_details JSON NOT NULL,
                placed_at DATETIME(6) NOT NULL,
                changed_at TIMESTAMP(3) NOT NULL,
                is_urgent TINYINT NOT NULL,
                delivery_weight DOUBLE NOT NULL)""";

    /// Rows whose values differ from one to the next as an application's do; `base` is the number
    /// before the first one's.
    private static final String ROWS =
            """
            SELECT base + n, CRC32(base + n) DIV 4, 1 + CRC32(base + n) % 5, CRC32(base + n) / 1000,
                CONCAT('#', base + n, ' ', MD5(base + n), ''),
                JSON_OBJECT('sku', LEFT(SHA1(base + n), 12), 'count', n, 'gift', n % 2 = 0,
                    'price', CRC32(base + n) % 100000 / 100, 'tags', JSON_ARRAY('new', MD5(n))),
                '2026-01-01' + INTERVAL (base + n) * 1000003 MICROSECOND,
                '2026-01-01' + INTERVAL (base + n) SECOND, n % 2, CRC32(base + n) / 1e6
            FROM bench.numbers WHERE n <= size""";

    static final int TRANSACTION = 100;

    private static final int CHUNK = 1_000;

    void create() {
        mysql.execute(
                "CREATE DATABASE bench",
                TABLE.formatted(ORDERS),
                TABLE.formatted(ARCHIVE),
                "CREATE TABLE " + FINISHED + " (id INT AUTO_INCREMENT PRIMARY KEY, v CHAR(1))",
                "CREATE TABLE bench.numbers (n INT PRIMARY KEY)",
                """
                INSERT INTO bench.numbers WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT i FROM n"""
                        .formatted(CHUNK),
                """
                CREATE PROCEDURE bench.insert_orders(base INT, last INT, size INT)
                WHILE base < last DO
                    INSERT INTO %s %s;
                    SET base = base + size;
                END WHILE"""
                        .formatted(ORDERS, ROWS),
                """
                CREATE PROCEDURE bench.insert_archive(base INT, last INT, size INT)
                WHILE base < last DO
                    INSERT INTO %s %s;
                    SET base = base + size;
                END WHILE"""
                        .formatted(ARCHIVE, ROWS),
                """
                CREATE PROCEDURE bench.update_orders(count INT, row_count INT, size INT)
                BEGIN
                    DECLARE i INT DEFAULT 0;
                    WHILE i < count DO
                        START TRANSACTION;
                        REPEAT
                            UPDATE %s SET order_state = 1 + i %% 5, total_amount = total_amount + 1,
                                changed_at = changed_at + INTERVAL 1 SECOND
                                WHERE id = 1 + i * 7919 %% row_count;
                            SET i = i + 1;
                        UNTIL i %% size = 0 OR i = count END REPEAT;
                        COMMIT;
                    END WHILE;
                END"""
                        .formatted(ORDERS));
    }

    /// A query of rows for a table like that of orders.
    ///
    /// @param base the number before the first one's
    static String rows(int base, int count) {
        return ROWS.replace("base", Integer.toString(base))
                .replace("size", Integer.toString(count));
    }

    /// Inserts rows in transactions of a hundred.
    void insert(int rows) {
        mysql.execute("CALL bench.insert_orders(0, %d, %d)".formatted(rows, TRANSACTION));
    }

    /// Updates rows by a statement each, a hundred to a transaction.
    void update(int updates, int rows) {
        mysql.execute("CALL bench.update_orders(%d, %d, %d)".formatted(updates, rows, TRANSACTION));
    }

    /// Fills the table of snapshots, of which the binlog hears nothing.
    void fillArchive(int rows) {
        mysql.execute(
                "SET sql_log_bin = 0",
                "CALL bench.insert_archive(0, %d, %d)".formatted(rows, CHUNK),
                "ANALYZE TABLE " + ARCHIVE);
    }

    void finish() {
        mysql.execute("INSERT INTO " + FINISHED + " (v) VALUES ('" + (char) MARK + "')");
    }

    /// Goes on in a new file, at whose beginning a place is found without reading.
    void beginFile() {
        mysql.execute("FLUSH BINARY LOGS");
    }

    /// Where the binlog ends now.
    BinlogPlace end() {
        String file = Sql.column(mysql, "SHOW BINARY LOGS", 1).getLast();
        return new BinlogPlace(
                file, Long.parseLong(Sql.column(mysql, "SHOW BINARY LOGS", 2).getLast()));
    }

    /// All that was committed so far.
    String gtids() {
        return Sql.value(mysql, "SELECT @@GLOBAL.gtid_executed");
    }

    /// The first event of the first file.
    BinlogPlace beginning() {
        return new BinlogPlace(Sql.column(mysql, "SHOW BINARY LOGS", 1).getFirst(), 4);
    }

    /// The size of all of the binlog.
    long binlogBytes() {
        return Sql.column(mysql, "SHOW BINARY LOGS", 2).stream().mapToLong(Long::parseLong).sum();
    }

    /// A place where the binlog can be read from.
    record BinlogPlace(String file, long offset) {

        /// As the service's changes have it.
        long index() {
            long number = Long.parseLong(file.substring(file.lastIndexOf('.') + 1));
            return number << 32 | offset;
        }

        byte[] fileBytes() {
            return file.getBytes(StandardCharsets.US_ASCII);
        }
    }
}
