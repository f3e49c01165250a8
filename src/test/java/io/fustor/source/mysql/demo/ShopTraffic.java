package io.fustor.source.mysql.demo;

import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What customers and staff do: two small transactions a second on a virtual thread, with every
/// kind of change in them, and never more than a few dozen orders at a time.
final class ShopTraffic {

    private static final Logger log = LoggerFactory.getLogger(ShopTraffic.class);

    /// How many kinds of transaction there are; what happens often stands for several.
    static final int STEPS = 8;

    private final TestMySql mysql;
    private final ScheduledExecutorService day =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("shop").factory());

    ShopTraffic(TestMySql mysql) {
        this.mysql = mysql;
    }

    void begin() {
        day.scheduleAtFixedRate(this::next, 500, 500, TimeUnit.MILLISECONDS);
    }

    void end() {
        day.shutdownNow();
    }

    /// One transaction; where the server is away, the next one finds it back.
    private void next() {
        try {
            run(ThreadLocalRandom.current().nextInt(STEPS));
        } catch (SQLException e) {
            log.warn(
                    "A transaction of the shop failed; the next one tries anew. reason={}",
                    e.getMessage());
        }
    }

    /// Runs one kind of transaction on a connection of its own.
    void run(int step) throws SQLException {
        try (var connection = mysql.jdbc()) {
            connection.setAutoCommit(false);
            switch (step) {
                case 0, 1, 2 -> order(connection);
                case 3 -> advance(connection, "new", "paid");
                case 4 -> advance(connection, "paid", "shipped");
                case 5 -> cancel(connection);
                case 6 -> changePrice(connection);
                default -> forgetOldOrders(connection);
            }
            connection.commit();
        }
    }

    private static void order(Connection connection) throws SQLException {
        int customer = 1 + ThreadLocalRandom.current().nextInt(Shop.CUSTOMERS);
        int product = 1 + ThreadLocalRandom.current().nextInt(Shop.PRODUCTS);
        int quantity = 1 + ThreadLocalRandom.current().nextInt(3);
        run(connection, "INSERT INTO shop.orders (customer_id) VALUES (?)", customer);
        run(
                connection,
                """
                INSERT INTO shop.order_items
                SELECT LAST_INSERT_ID(), id, ?, price FROM shop.products WHERE id = ? OR id = 1 + ? % 5
                """,
                quantity,
                product,
                product);
        run(
                connection,
                "UPDATE shop.products SET stock = stock - ? WHERE id = ?",
                quantity,
                product);
    }

    private static void advance(Connection connection, String from, String to) throws SQLException {
        run(
                connection,
                "UPDATE shop.orders SET status = ? WHERE status = ? ORDER BY id LIMIT 2",
                to,
                from);
    }

    private static void cancel(Connection connection) throws SQLException {
        run(connection, "SET @cancelled = (SELECT MAX(id) FROM shop.orders WHERE status = 'new')");
        run(connection, "DELETE FROM shop.order_items WHERE order_id = @cancelled");
        run(connection, "DELETE FROM shop.orders WHERE id = @cancelled");
    }

    private static void changePrice(Connection connection) throws SQLException {
        int product = 1 + ThreadLocalRandom.current().nextInt(Shop.PRODUCTS);
        int cents = ThreadLocalRandom.current().nextInt(800, 2_000);
        run(
                connection,
                "UPDATE shop.products SET price = ? / 100, stock = 500 WHERE id = ?",
                cents,
                product);
    }

    private static void forgetOldOrders(Connection connection) throws SQLException {
        run(connection, "SET @newest = (SELECT MAX(id) FROM shop.orders)");
        run(connection, "DELETE FROM shop.order_items WHERE order_id + 40 < @newest");
        run(connection, "DELETE FROM shop.orders WHERE id + 40 < @newest");
    }

    private static void run(Connection connection, String sql, Object... values)
            throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
