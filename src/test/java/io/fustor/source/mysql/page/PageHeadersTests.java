package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.grant.Sight;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class PageHeadersTests {

    private static final String TAG = "\"mine\"";

    private final MockHttpServletRequest request = new MockHttpServletRequest();
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final PageHeaders headers = new PageHeaders(request, response);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"mine\" | true",
                "W/\"mine\" | true",
                "\"other\", W/\"another\" ,\"mine\" | true",
                "* | true",
                " * | true",
                "\"mine-gzip\" | false",
                "mine | false",
                "\"Mine\" | false",
                "\"of, *, another\" | false",
                "\"a\"mine\"b\" | false",
                "\"unfinished | false",
                "`` | false"
            })
    void pageOfAListIsKnown(String given, boolean isKnown) {
        request.addHeader("If-None-Match", given);

        assertThat(headers.isKnown(TAG)).isEqualTo(isKnown);
        assertThat(response.getHeader("ETag")).isEqualTo(TAG);
    }

    @Test
    void severalHeadersAreOneList() {
        request.addHeader("If-None-Match", "\"other\"");
        request.addHeader("If-None-Match", TAG);

        assertThat(headers.isKnown(TAG)).isTrue();
    }

    @Test
    void whatAFilterHasNamedStaysInVary() {
        request.addHeader("Accept-Encoding", "gzip");
        response.addHeader("Vary", "Origin");
        response.addHeader("Vary", "Access-Control-Request-Method");
        headers.caching(Sight.OF_TOKEN, Duration.ZERO, Instant.now());

        assertThat(response.getHeaders("Vary"))
                .containsExactly(
                        "Origin, Access-Control-Request-Method, Accept-Encoding, Authorization,"
                                + " Cookie");
    }
}
