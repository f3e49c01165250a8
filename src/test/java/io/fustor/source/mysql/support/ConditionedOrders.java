package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// A table `orders` for snapshots with conditions, by statements that every server takes: of 1,000
/// customers, with an index of the customer, of the status and of the time.
public final class ConditionedOrders {

    private ConditionedOrders() {}

    /// Of 400 rows, one has the status `new`, one `NEW`, one `néw`, one `paid`, and the others have
    /// none.
    ///
    /// @param collation of the status, by which the first three are equal
    public static void create(TestMySql mysql, String schema, String collation, int rows) {
        mysql.execute(
                "CREATE DATABASE " + schema + " CHARACTER SET utf8mb4",
                """
                CREATE TABLE %s.orders (id INT PRIMARY KEY, customer INT NOT NULL,
                  status VARCHAR(20) COLLATE %s, total DECIMAL(12,2), made DATETIME,
                  note TEXT, KEY (customer), KEY (status), KEY (made))"""
                        .formatted(schema, collation),
                "USE " + schema,
                "CREATE TABLE digits (d INT PRIMARY KEY)",
                "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
                """
                INSERT INTO orders
                SELECT i, i %% 1000, ELT(1 + i %% 400, 'new', 'NEW', 'néw', 'paid') , i %% 100,
                       '2026-01-01' + INTERVAL i MINUTE, REPEAT('x', i %% 50)
                FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS i
                      FROM digits a, digits b, digits c, digits e, digits f) AS n
                WHERE i < %d ORDER BY i"""
                        .formatted(rows),
                "ANALYZE TABLE orders");
    }

    /// The numbers of rows that were delivered and read.
    public static List<Integer> counts(SnapshotStream stream) {
        JsonNode completed = stream.control("snapshot_completed");
        int delivered = ids(stream).size();
        assertThat(completed.path("rows").asInt()).isEqualTo(delivered);
        return List.of(delivered, completed.path("rows_read").asInt());
    }

    /// The ids of the rows that came, in order.
    public static List<String> ids(SnapshotStream stream) {
        List<String> ids = new ArrayList<>();
        for (ChangeEvent event : stream.snapshotEvents()) {
            for (int i = 0; i < event.rows().size(); i++) {
                ids.add(event.row(i).path("id").toString());
            }
        }
        return ids;
    }
}
