package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.LocalService;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules for streams hold at each address that leads to one.
class StreamAddressIT {

    private static LocalService service;

    @BeforeAll
    static void start() {
        service = LocalService.start(Map.of("server.servlet.context-path", "/feeds"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/feeds/api/sources/none/events",
                "/feeds/api/sources/none/%65vents",
                "/feeds/%61pi/sources/none/events"
            })
    void cachesHearOfTheCodings(String address) {
        var answer = service.get(address).expect(404);

        assertThat(answer.json().path("code").asString()).isEqualTo("SOURCE_UNKNOWN");
        assertThat(answer.headers().allValues("Vary")).contains("Accept-Encoding");
    }
}
