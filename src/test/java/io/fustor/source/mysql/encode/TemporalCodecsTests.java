package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.json;
import static io.fustor.source.mysql.schema.ColumnType.DATE;
import static io.fustor.source.mysql.schema.ColumnType.DATETIME;
import static io.fustor.source.mysql.schema.ColumnType.OLD_DATETIME;
import static io.fustor.source.mysql.schema.ColumnType.OLD_TIME;
import static io.fustor.source.mysql.schema.ColumnType.OLD_TIMESTAMP;
import static io.fustor.source.mysql.schema.ColumnType.TIME;
import static io.fustor.source.mysql.schema.ColumnType.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TemporalCodecsTests {

    @Test
    void readsDates() {
        assertThat(json(column(DATE), "5dd00f")).isEqualTo("\"2024-02-29\"");
        assertThat(json(column(DATE), "000000")).isEqualTo("\"0000-00-00\"");
        assertThat(json(column(DATE), "00d00f")).isEqualTo("\"2024-00-00\"");
        assertThat(json(column(DATE), "9f1f4e")).isEqualTo("\"9999-12-31\"");
    }

    @Test
    void readsTimesOfEveryPrecision() {
        assertThat(json(column(TIME, 0, 0), "800000")).isEqualTo("\"00:00:00\"");
        assertThat(json(column(TIME, 0, 0), "b46efb")).isEqualTo("\"838:59:59\"");
        assertThat(json(column(TIME, 0, 0), "4b9105")).isEqualTo("\"-838:59:59\"");
        assertThat(json(column(TIME, 0, 1), "80c8b732")).isEqualTo("\"12:34:55.5\"");
        assertThat(json(column(TIME, 0, 6), "800000000001")).isEqualTo("\"00:00:00.000001\"");
    }

    @Test
    void readsFractionsBeforeZero() {
        assertThat(json(column(TIME, 0, 6), "7fffffffffff")).isEqualTo("\"-00:00:00.000001\"");
        assertThat(json(column(TIME, 0, 6), "4b9104ffffff")).isEqualTo("\"-838:59:59.000001\"");
        assertThat(json(column(TIME, 0, 2), "7fffffff")).isEqualTo("\"-00:00:00.01\"");
        assertThat(json(column(TIME, 0, 1), "7ffffff6")).isEqualTo("\"-00:00:00.1\"");
        assertThat(json(column(TIME, 0, 4), "7fffffffff")).isEqualTo("\"-00:00:00.0001\"");
        assertThat(json(column(TIME, 0, 3), "7ffffffff6")).isEqualTo("\"-00:00:00.001\"");
        assertThat(json(column(TIME, 0, 1), "7fffff00")).isEqualTo("\"-00:00:01.0\"");
    }

    @Test
    void readsDatetimes() {
        assertThat(json(column(DATETIME, 0, 0), "99b2bb7efb")).isEqualTo("\"2024-02-29T23:59:59\"");
        assertThat(json(column(DATETIME, 0, 3), "99b2bb7efb04ce"))
                .isEqualTo("\"2024-02-29T23:59:59.123\"");
        assertThat(json(column(DATETIME, 0, 6), "99b2bb7efb0f423f"))
                .isEqualTo("\"2024-02-29T23:59:59.999999\"");
        assertThat(json(column(DATETIME, 0, 0), "8000000000")).isEqualTo("\"0000-00-00T00:00:00\"");
        assertThat(json(column(DATETIME, 0, 2), "99b2000000 00")).startsWith("\"2024-");
    }

    @Test
    void readsTimestampsInUtc() {
        assertThat(json(column(TIMESTAMP, 0, 0), "65e11a7f")).isEqualTo("\"2024-02-29T23:59:59Z\"");
        assertThat(json(column(TIMESTAMP, 0, 3), "65e11a7f04ce"))
                .isEqualTo("\"2024-02-29T23:59:59.123Z\"");
        assertThat(json(column(TIMESTAMP, 0, 6), "00000001000000"))
                .isEqualTo("\"1970-01-01T00:00:01.000000Z\"");
        assertThat(json(column(TIMESTAMP, 0, 0), "7fffffff")).isEqualTo("\"2038-01-19T03:14:07Z\"");
    }

    @Test
    void writesTheZeroTimestampWithoutZone() {
        assertThat(json(column(TIMESTAMP, 0, 3), "000000000000"))
                .isEqualTo("\"0000-00-00T00:00:00.000\"");
        assertThat(json(column(TIMESTAMP, 0, 0), "00000000")).isEqualTo("\"0000-00-00T00:00:00\"");
    }

    @Test
    void readsAnyMomentAsTheCalendarDoes() {
        Random random = Cells.seeded();
        for (int i = 0; i < 300_000; i++) {
            long second = random.nextLong(1, 1L << 32);
            String hex = "%08x".formatted(second);
            assertThat(json(column(TIMESTAMP, 0, 0), hex))
                    .isEqualTo('"' + Instant.ofEpochSecond(second).toString() + '"');
        }
    }

    @Test
    void readsTheFormatsBeforeFiveSix() {
        assertThat(json(column(OLD_TIME), "40e201")).isEqualTo("\"12:34:56\"");
        assertThat(json(column(OLD_TIME), "c01dfe")).isEqualTo("\"-12:34:56\"");
        assertThat(json(column(OLD_DATETIME), le(20240229235959L)))
                .isEqualTo("\"2024-02-29T23:59:59\"");
        assertThat(json(column(OLD_DATETIME), le(0))).isEqualTo("\"0000-00-00T00:00:00\"");
        assertThat(json(column(OLD_TIMESTAMP), "7f1ae165")).isEqualTo("\"2024-02-29T23:59:59Z\"");
        assertThat(json(column(OLD_TIMESTAMP), "00000000")).isEqualTo("\"0000-00-00T00:00:00\"");
    }

    @Test
    void refusesFractionsInOldFormats() {
        Column column = column(OLD_TIME, 0, 3);
        assertThatThrownBy(() -> CellCodecs.of(column, false))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("`c`");
    }

    @Test
    void refusesWhatIsNoDateOrTime() {
        assertThatThrownBy(() -> json(column(DATE), "ffffff")).isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> json(column(TIME, 0, 0), "800fff"))
                .isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> json(column(DATETIME, 0, 0), "7fffffffff"))
                .isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> json(column(DATETIME, 0, 0), "ffffffffff"))
                .isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> json(column(OLD_DATETIME), "ffffffffffffffff"))
                .isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> json(column(OLD_TIME), "000080"))
                .isInstanceOf(SourceException.class);
    }

    private static String le(long value) {
        return "%016x".formatted(Long.reverseBytes(value));
    }
}
