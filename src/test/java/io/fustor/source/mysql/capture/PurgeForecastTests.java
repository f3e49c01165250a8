package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PurgeForecastTests {

    private static final long SERVER = 7;
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final List<BinlogFile> FILES =
            List.of(
                    new BinlogFile("binlog.000004", 100),
                    new BinlogFile("binlog.000005", 100),
                    new BinlogFile("binlog.000006", 100));
    private static final Map<String, Instant> BEGUN =
            Map.of(
                    "binlog.000005", NOW.minus(Duration.ofHours(9)),
                    "binlog.000006", NOW.minus(Duration.ofHours(1)));

    private static PurgeForecast forecast(@Nullable Duration retention) {
        return new PurgeForecast(SERVER, FILES, retention, NOW, file -> BEGUN.get(file));
    }

    private static Place place(long file) {
        return new Place(SERVER, file, 50, 0, 0, null, null);
    }

    @Test
    void fileIsKeptForSoLongAfterTheNextWasBegun() {
        PurgeForecast forecast = forecast(Duration.ofHours(10));

        assertThat(forecast.left(place(4))).isEqualTo(Duration.ofHours(1));
        assertThat(forecast.left(place(5))).isEqualTo(Duration.ofHours(9));
        assertThat(forecast.left(place(6))).isEqualTo(Duration.ofHours(10));
        assertThat(forecast.left(place(3))).isZero();
    }

    @Test
    void placeWithLittleTimeLeftIsThreatenedAndOneInTheNewestFileNever() {
        PurgeForecast forecast = forecast(Duration.ofHours(10));

        assertThat(forecast.threat(place(4)))
                .contains("binlog.000004", "in 3600 s", "binlog_expire_logs_seconds = 36000");
        assertThat(forecast.threat(place(5))).isNull();
        assertThat(forecast(Duration.ofSeconds(1)).threat(place(6))).isNull();
        assertThat(forecast.threat(place(3))).contains("is purged");
    }

    @Test
    void placeInTheOldestFileIsThreatenedWhereThePurgeIsUnknown() {
        assertThat(forecast(null).threat(place(4))).contains("the oldest binlog file of 3");
        assertThat(forecast(null).threat(place(5))).isNull();
        assertThat(forecast(null).left(place(4))).isNull();
    }

    @Test
    void nothingIsSaidOfPlacesOnOtherServers() {
        Place elsewhere = new Place(8, 4, 50, 0, 0, null, null);

        assertThat(forecast(Duration.ofHours(10)).threat(elsewhere)).isNull();
        assertThat(forecast(Duration.ofHours(10)).left(elsewhere)).isNull();
    }
}
