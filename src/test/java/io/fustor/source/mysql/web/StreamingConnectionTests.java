package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.grant.ClientLine;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketEvent;
import org.junit.jupiter.api.Test;

/// A request that fails after it has left to a stream, which Tomcat then never begins.
/// [LastingResponsesIT] has those that do begin.
class StreamingConnectionTests {

    /// Keeps how its writes ended.
    private static final class Rest implements ClientLine.Rest {

        private final List<String> calls = new ArrayList<>();

        @Override
        public void write(OutputStream body) throws IOException {
            try {
                body.write(1);
                calls.add("written");
            } catch (IOException e) {
                calls.add("failed");
                throw e;
            }
        }
    }

    private final Rest rest = new Rest();

    @Test
    void restOfAFailedRequestIsToldOnce() {
        StreamingConnection streaming = new StreamingConnection(null, null, new Response(), rest);

        streaming.failIfUnwritten();
        streaming.failIfUnwritten();

        assertThat(rest.calls).containsExactly("failed");
        assertThat(streaming.process(null, SocketEvent.OPEN_READ)).isEqualTo(SocketState.CLOSED);
        assertThat(rest.calls).hasSize(1);
    }
}
