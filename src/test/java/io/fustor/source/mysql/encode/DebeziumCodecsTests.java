package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.unsigned;
import static io.fustor.source.mysql.schema.ColumnType.BIGINT;
import static io.fustor.source.mysql.schema.ColumnType.BIT;
import static io.fustor.source.mysql.schema.ColumnType.DATE;
import static io.fustor.source.mysql.schema.ColumnType.DATETIME;
import static io.fustor.source.mysql.schema.ColumnType.DECIMAL;
import static io.fustor.source.mysql.schema.ColumnType.GEOMETRY;
import static io.fustor.source.mysql.schema.ColumnType.JSON;
import static io.fustor.source.mysql.schema.ColumnType.OLD_DATETIME;
import static io.fustor.source.mysql.schema.ColumnType.OLD_TIME;
import static io.fustor.source.mysql.schema.ColumnType.OLD_TIMESTAMP;
import static io.fustor.source.mysql.schema.ColumnType.TIME;
import static io.fustor.source.mysql.schema.ColumnType.TIMESTAMP;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DebeziumCodecsTests {

    private static String image(Column column, String hex) {
        return json(DebeziumCodecs.of(column, false), HexFormat.of().parseHex(hex));
    }

    private static String result(Column column, String hex) {
        return json(DebeziumCodecs.ofResult(column, false), HexFormat.of().parseHex(hex));
    }

    /// Reads the cell between other bytes.
    private static String json(CellCodec codec, byte[] cell) {
        byte[] row = new byte[cell.length + 12];
        Arrays.fill(row, (byte) 0xFF);
        System.arraycopy(cell, 0, row, 3, cell.length);
        JsonBuffer out = new JsonBuffer(1);
        assertThat(codec.write(row, 3, out)).isEqualTo(cell.length + 3);
        return new String(out.array(), 0, out.size(), UTF_8);
    }

    @Test
    void bigIntegersAreSigned() {
        assertThat(image(unsigned(BIGINT), "ffffffffffffffff")).isEqualTo("-1");
        assertThat(result(unsigned(BIGINT), "ffffffffffffffff")).isEqualTo("-1");
    }

    @Test
    void decimalsAreStrings() {
        assertThat(image(column(DECIMAL, 4, 2), "8c1e")).isEqualTo("\"12.30\"");
        assertThat(image(column(DECIMAL, 4, 2), "7ffa")).isEqualTo("\"-0.05\"");
        assertThat(result(column(DECIMAL, 4, 2), "052d302e3035")).isEqualTo("\"-0.05\"");
        assertThat(result(column(DECIMAL, 6, 2), "07303030312e3530")).isEqualTo("\"1.50\"");
    }

    @Test
    void bitsAreABooleanOrBytesWithTheLowOneFirst() {
        assertThat(image(column(BIT, 1, 0), "00")).isEqualTo("false");
        assertThat(image(column(BIT, 1, 0), "01")).isEqualTo("true");
        assertThat(image(column(BIT, 8, 0), "fe")).isEqualTo("\"/g==\"");
        assertThat(image(column(BIT, 10, 0), "0201")).isEqualTo("\"AQI=\"");
        assertThat(image(column(BIT, 24, 0), "030201")).isEqualTo("\"AQID\"");
        assertThat(image(column(BIT, 64, 0), "ffffffffffffff01")).isEqualTo("\"Af////////8=\"");
        assertThat(result(column(BIT, 1, 0), "0101")).isEqualTo("true");
        assertThat(result(column(BIT, 10, 0), "020201")).isEqualTo("\"AQI=\"");
        assertThatThrownBy(() -> result(column(BIT, 10, 0), "0101"))
                .isInstanceOf(SourceException.class);
    }

    @Test
    void datesAreDays() {
        assertThat(image(column(DATE), "5dd00f")).isEqualTo("19782");
        assertThat(result(column(DATE), "04e807021d")).isEqualTo("19782");
        assertThat(image(column(DATE), "9f1f4e")).isEqualTo("2932896");
    }

    @Test
    void whatIsNoDayIsNull() {
        assertThat(image(column(DATE), "000000")).isEqualTo("null");
        assertThat(image(column(DATE), "00d00f")).isEqualTo("null");
        assertThat(date(2023, 2, 29)).isEqualTo("null");
        assertThat(date(1900, 2, 29)).isEqualTo("null");
        assertThat(date(2000, 2, 29)).isEqualTo("11016");
        assertThat(date(2024, 4, 31)).isEqualTo("null");
        assertThat(result(column(DATE), "00")).isEqualTo("null");
        assertThat(image(column(DATETIME), "8000000000")).isEqualTo("null");
        assertThat(result(column(DATETIME), "00")).isEqualTo("null");
        assertThat(image(column(TIMESTAMP, 0, 3), "000000000000")).isEqualTo("null");
        assertThat(result(column(TIMESTAMP, 0, 3), "00")).isEqualTo("null");
        assertThat(image(column(OLD_TIMESTAMP), "00000000")).isEqualTo("null");
        assertThat(image(column(OLD_DATETIME), "0000000000000000")).isEqualTo("null");
    }

    private static String date(int year, int month, int day) {
        int packed = year << 9 | month << 5 | day;
        return image(column(DATE), "%06x".formatted(Integer.reverseBytes(packed) >>> 8));
    }

    @Test
    void everyDayIsThatOfTheCalendar() {
        for (LocalDate day = LocalDate.of(0, 1, 1); day.getYear() <= 400; day = day.plusDays(1)) {
            JsonBuffer out = new JsonBuffer(16);
            int packed = day.getYear() << 9 | day.getMonthValue() << 5 | day.getDayOfMonth();
            byte[] cell = {(byte) packed, (byte) (packed >> 8), (byte) (packed >> 16)};
            EpochCodecs.date().write(cell, 0, out);
            assertThat(new String(out.array(), 0, out.size(), UTF_8))
                    .isEqualTo(String.valueOf(day.toEpochDay()));
        }
    }

    @Test
    void timesAreMicroseconds() {
        assertThat(image(column(TIME, 0, 0), "4b9105")).isEqualTo("-3020399000000");
        assertThat(image(column(TIME, 0, 6), "7fffffffffff")).isEqualTo("-1");
        assertThat(image(column(TIME, 0, 3), "7ffffffff6")).isEqualTo("-1000");
        assertThat(result(column(TIME, 0, 0), "00")).isEqualTo("0");
        assertThat(result(column(TIME, 0, 6), "0c012200000016173b3f420f00"))
                .isEqualTo("-3018239999999");
        assertThat(image(column(OLD_TIME), "40e201")).isEqualTo("45296000000");
    }

    @Test
    void datetimesAreMillisecondsOrMicroseconds() {
        assertThat(image(column(DATETIME, 0, 0), "99b2bb7efb")).isEqualTo("1709251199000");
        assertThat(image(column(DATETIME, 0, 3), "99b2bb7efb04ce")).isEqualTo("1709251199123");
        assertThat(image(column(DATETIME, 0, 6), "99b2bb7efb0f423f")).isEqualTo("1709251199999999");
        assertThat(result(column(DATETIME, 0, 0), "04e807021d")).isEqualTo("1709164800000");
        assertThat(result(column(DATETIME, 0, 3), "0be807021d173b3b78e00100"))
                .isEqualTo("1709251199123");
        assertThat(image(column(OLD_DATETIME), "f77cac8b68120000"))
                .isEqualTo(millis("2024-02-29T23:59:59"));
    }

    private static String millis(String text) {
        return LocalDateTime.parse(text).toEpochSecond(ZoneOffset.UTC) + "000";
    }

    @Test
    void datetimesOfTheBinlogAndOfResultsAreTheSame() {
        Random random = Cells.seeded();
        for (int i = 0; i < 1000; i++) {
            LocalDateTime time =
                    LocalDateTime.ofEpochSecond(
                            random.nextLong(-62_135_596_800L, 253_402_300_800L),
                            random.nextInt(1_000_000) * 1000,
                            ZoneOffset.UTC);
            long micros = time.getNano() / 1000;
            long day = (time.getYear() * 13L + time.getMonthValue()) << 5 | time.getDayOfMonth();
            long clock = time.getHour() << 12 | time.getMinute() << 6 | time.getSecond();
            String packed = "%010x%06x".formatted((1L << 39) | day << 17 | clock, micros);
            String fields =
                    "0b%04x%02x%02x%02x%02x%02x%08x"
                            .formatted(
                                    Short.reverseBytes((short) time.getYear()) & 0xFFFF,
                                    time.getMonthValue(),
                                    time.getDayOfMonth(),
                                    time.getHour(),
                                    time.getMinute(),
                                    time.getSecond(),
                                    Integer.reverseBytes((int) micros));
            String expected =
                    String.valueOf(time.toEpochSecond(ZoneOffset.UTC) * 1_000_000 + micros);

            assertThat(image(column(DATETIME, 0, 6), packed)).isEqualTo(expected);
            assertThat(result(column(DATETIME, 0, 6), fields)).isEqualTo(expected);
        }
    }

    @Test
    void documentsAreStrings() {
        assertThat(image(column(JSON, 4, 0), "04000000 0c02 6122".replace(" ", "")))
                .isEqualTo("\"\\\"a\\\\\\\"\\\"\"");
        String document = HexFormat.of().formatHex("{\"a\": [1, \"\\n\"]}".getBytes(UTF_8));
        assertThat(result(column(JSON, 4, 0), "10" + document))
                .isEqualTo("\"{\\\"a\\\":[1,\\\"\\\\n\\\"]}\"");
        assertThat(image(column(JSON, 4, 0), "00000000")).isEqualTo("\"null\"");
    }

    @Test
    void pointsHaveTheirNumbers() {
        String point = "0101000000000000000000f03f0000000000000040";
        String numbers = "{\"x\":1,\"y\":2,\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":";
        assertThat(image(column(GEOMETRY, 4, 0), "1900000000000000" + point))
                .isEqualTo(numbers + "null}");
        assertThat(result(column(GEOMETRY, 4, 0), "19e6100000" + point))
                .isEqualTo(numbers + "4326}");
        assertThat(image(column(GEOMETRY, 4, 0), "06000000e61000000103"))
                .isEqualTo("{\"wkb\":\"AQM=\",\"srid\":4326}");
        assertThat(result(column(GEOMETRY, 4, 0), "00")).isEqualTo("null");
        assertThatThrownBy(() -> result(column(GEOMETRY, 4, 0), "0101"))
                .isInstanceOf(SourceException.class);
    }
}
