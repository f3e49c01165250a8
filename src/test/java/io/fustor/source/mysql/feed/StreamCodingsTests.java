package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.settings.FeedProperties;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.mock.web.MockHttpServletRequest;

class StreamCodingsTests {

    private static StreamCodings codings(String compression) {
        return new StreamCodings(
                FeedProperties.of(
                        new MockEnvironment()
                                .withProperty("fustor.feed.compression", compression)));
    }

    private static MockHttpServletRequest request(String... accepted) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        for (String one : accepted) {
            request.addHeader("Accept-Encoding", one);
        }
        return request;
    }

    @Test
    void aRequestWithSeveralHeadersIsOneList() {
        assertThat(codings("on").of(request("gzip;q=0.1", "zstd"))).isEqualTo(ContentCoding.ZSTD);
        assertThat(codings("true").of(request("gzip"))).isEqualTo(ContentCoding.GZIP);
        assertThat(codings("on").of(request())).isEqualTo(ContentCoding.IDENTITY);
    }

    @Test
    void offOffersNothing() {
        assertThat(codings("off").of(request("gzip, zstd, *"))).isEqualTo(ContentCoding.IDENTITY);
    }
}
