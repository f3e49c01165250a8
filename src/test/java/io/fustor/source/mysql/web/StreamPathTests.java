package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;

class StreamPathTests {

    @ParameterizedTest
    @CsvSource({
        "'', /api/sources/shop/events, EVENTS",
        "'', /api/sources/shop/events/, EVENTS",
        "'', /api/sources/shop/%65vents, EVENTS",
        "'', /%61pi/sources/a%20b/stre%61m/, PAGES",
        "/feeds, /feeds/api/sources/shop/stream, PAGES",
        "/feeds, /feeds/api/sources/shop/events, EVENTS",
        "'', /feeds/api/sources/shop/events,",
        "'', /api/sources/shop,",
        "'', /api/sources//events,",
        "'', /api/sources/shop/events/more,",
        "'', /,"
    })
    void isThatOfTheController(String context, String path, @Nullable StreamPath expected) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        request.setContextPath(context);

        assertThat(StreamPath.of(request)).isEqualTo(expected);
    }
}
