package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.encode.Transport;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptedTransportTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/x-ndjson | NDJSON",
                "Application/X-NDJSON;charset=utf-8 | NDJSON",
                "application/x-ndjson, */* | NDJSON",
                "text/event-stream, application/x-ndjson | NDJSON",
                "text/event-stream;q=0.5, application/x-ndjson;q=0.6 | NDJSON",
                "text/html;x=\"a,b\", application/x-ndjson | NDJSON",
                "nonsense, application/x-ndjson, ;;, a/b;q=x | NDJSON",
                "text/event-stream, application/x-ndjson;q=0.5 | SSE",
                "application/x-ndjson;q=0 | SSE",
                "application/x-ndjson-not | SSE",
                "text/event-stream | SSE",
                "application/json | SSE",
                "*/* | SSE",
                "application/* | SSE",
                "'' | SSE",
                "'application/x-ndjson;q=2, ,' | SSE",
            })
    void isTheOneThatTheClientNamesAndWeighsHigher(String accepted, Transport expected) {
        assertThat(AcceptedTransport.of(List.of(accepted))).isEqualTo(expected);
    }

    @Test
    void severalHeadersAreOneList() {
        assertThat(AcceptedTransport.of(List.of("text/html", "application/x-ndjson")))
                .isEqualTo(Transport.NDJSON);
        assertThat(AcceptedTransport.of(List.of())).isEqualTo(Transport.SSE);
    }
}
