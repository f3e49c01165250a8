package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A place is looked for while its server's address moves to another one.
class BinlogAvailabilityIT {

    private static MySqlServer server(TcpProxy proxy) {
        URI address = URI.create("mysql://" + proxy.uri());
        return BinlogEndIT.server(new ServerAddress(address.getHost(), address.getPort()));
    }

    @Test
    void verdictFromTwoServersIsNone() {
        try (TestMySql primary = TestMySql.start();
                TestMySql heir = TestMySql.start();
                TcpProxy proxy = TcpProxy.to(primary);
                MySqlServer server = server(proxy)) {
            primary.execute(
                    "CREATE DATABASE moves",
                    "CREATE TABLE moves.one (v MEDIUMTEXT)",
                    "INSERT INTO moves.one VALUES (REPEAT('x', 1000000))");
            var availability = new BinlogAvailability(server, () -> Duration.ofSeconds(1));
            BinlogView view = new BinlogView(server);
            Place place = view.status().place();

            proxy.redirect(heir);
            assertThatExceptionOfType(SourceException.class)
                    .isThrownBy(() -> availability.locate(place, view))
                    .withMessageContaining("another server answered")
                    .satisfies(e -> assertThat(e.code()).isEqualTo(FailureCode.CONNECTION_LOST));

            proxy.redirect(primary);
            assertThat(availability.locate(place)).isInstanceOf(BinlogStart.AtPosition.class);
        }
    }
}
