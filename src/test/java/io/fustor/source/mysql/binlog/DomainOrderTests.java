package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MariaDbGtid;
import org.junit.jupiter.api.Test;

class DomainOrderTests {

    private final DomainOrder order = new DomainOrder();

    private void add(long domain, long server, long number) {
        order.add(new MariaDbGtid(domain, server, number));
    }

    @Test
    void takesNumbersThatIncreaseForEachServerInEachDomain() {
        assertThatCode(
                        () -> {
                            add(0, 1, 10);
                            add(1, 1, 3);
                            add(0, 2, 7);
                            add(0, 1, 12);
                            add(0, 2, 8);
                        })
                .doesNotThrowAnyException();
    }

    @Test
    void stopsAtANumberThatWasPassed() {
        add(0, 1, 10);
        add(0, 1, 11);

        assertThatThrownBy(() -> add(0, 1, 10))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("0-1-10")
                .hasMessageContaining("gtid_strict_mode");
    }

    @Test
    void knowsWhatFilesBeforeHold() {
        order.add(GtidSet.parse("0-1-10"));

        assertThatThrownBy(() -> add(0, 1, 10)).isInstanceOf(SourceException.class);
        assertThatCode(() -> add(0, 1, 11)).doesNotThrowAnyException();
    }
}
