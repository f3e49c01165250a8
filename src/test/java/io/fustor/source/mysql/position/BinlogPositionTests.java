package io.fustor.source.mysql.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BinlogPositionTests {

    @Test
    void ordersByTheFilesNumberAndThenByTheOffset() {
        assertThat(new BinlogPosition("binlog.999999", 100))
                .isLessThan(new BinlogPosition("binlog.1000000", 4));
        assertThat(new BinlogPosition("a.b.000002", 4))
                .isLessThan(new BinlogPosition("a.b.000002", 5));
    }

    @Test
    void makesTheFustorIndexOfFileNumberAndOffset() {
        assertThat(new BinlogPosition("binlog.000042", 1547).index()).isEqualTo((42L << 32) | 1547);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "binlog",
                "binlog.",
                "binlog.x",
                "",
                ".",
                "binlog.-1",
                "binlog.12345678901234567890"
            })
    void refusesANameWithoutANumber(String name) {
        assertThatThrownBy(() -> BinlogPosition.fileNumber(name))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsTheIndexOfALargeTransactionInItsFile() {
        long beyond = BinlogPosition.index(5, (1L << 32) + 500_000_000);

        assertThat(beyond).isEqualTo((6L << 32) - 1);
        assertThat(beyond).isGreaterThan(BinlogPosition.index(5, (1L << 32) - 2));
        assertThat(beyond).isLessThan(BinlogPosition.index(6, BinlogPosition.FIRST_EVENT));
    }
}
