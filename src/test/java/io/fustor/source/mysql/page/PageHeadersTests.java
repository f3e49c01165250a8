package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.grant.Grant;
import io.fustor.source.mysql.grant.Sight;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class PageHeadersTests {

    private static final String TAG = "\"mine\"";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

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
        headers.caching(Sight.OF_TOKEN, Reuse.BRIEF, Duration.ofHours(1), NOW);

        assertThat(response.getHeaders("Vary"))
                .containsExactly(
                        "Origin, Access-Control-Request-Method, Accept-Encoding, Authorization,"
                                + " Cookie");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NONE | no-store",
                "BRIEF | public, max-age=2",
                "GROWING | public, max-age=2, stale-while-revalidate=3598",
                "LASTING | public, max-age=3600, immutable"
            })
    void sharedCacheKeepsWhatStaysRight(Reuse reuse, String expected) {
        assertThat(shared(reuse, null)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BRIEF | public, max-age=1",
                "GROWING | public, max-age=1, stale-while-revalidate=0",
                "LASTING | public, max-age=1, immutable"
            })
    void noCacheKeepsAnythingLongerThanTheGrant(Reuse reuse, String expected) {
        assertThat(shared(reuse, NOW.plusMillis(1_500))).isEqualTo(expected);
    }

    private String shared(Reuse reuse, @Nullable Instant expires) {
        request.addHeader("Authorization", "Bearer a-secret");
        Grant grant =
                new Grant(
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        false,
                        false,
                        Grant.DEFAULT_STREAMS,
                        true,
                        expires);
        headers.caching(
                Sight.of("reader:one", grant, Sight.OF_TOKEN.standing()),
                reuse,
                Duration.ofHours(1),
                NOW);
        return response.getHeader("Cache-Control");
    }
}
