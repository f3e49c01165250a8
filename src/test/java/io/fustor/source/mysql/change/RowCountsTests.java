package io.fustor.source.mysql.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.schema.TableId;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowCountsTests {

    @Test
    void countsByTableInAnyOrder() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RowCounts counts = RowCounts.NONE;
        Map<TableId, Long> expected = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            TableId table = new TableId("s" + random.nextInt(3), "t" + random.nextInt(20));
            int rows = random.nextInt(50);
            counts = counts.plus(table, rows);
            expected.merge(table, (long) rows, Long::sum);
        }

        RowCounts all = counts;
        assertThat(all.total())
                .as("seed " + seed)
                .isEqualTo(expected.values().stream().mapToLong(Long::longValue).sum());
        expected.forEach(
                (table, rows) -> assertThat(all.of(table::equals)).as("" + seed).isEqualTo(rows));
    }

    @Test
    void hasNoRowsWithoutATable() {
        assertThat(RowCounts.NONE.total()).isZero();
        assertThat(RowCounts.NONE.of(_ -> true)).isZero();
    }
}
