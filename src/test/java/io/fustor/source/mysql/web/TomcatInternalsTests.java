package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.ProtocolHandler;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.NioEndpoint;
import org.junit.jupiter.api.Test;

/// That Tomcat's classes below `GuardedEndpoint`, `GuardedHttp2`, `LastingResponse` and
/// `StreamingConnection` are those that these were written against. Where this fails, a release of
/// Tomcat changed them: docs/decisions/0024-guarded-tomcat.md, 0030-http2.md and
/// 0041-lasting-responses.md say what to read in their source before the digests here are replaced
/// by those that the failure prints.
class TomcatInternalsTests {

    /// The beginning of the SHA-256 of each class file, of Tomcat 11.0.24.
    private static final Map<String, String> READ =
            Map.of(
                    "AbstractEndpoint", "25ea486b6153eb26",
                    "Acceptor", "ed9fd35af9d6cc7c",
                    "NioChannel", "466c7eea5d606796",
                    "NioEndpoint", "a9c565638fb69c6e",
                    "NioEndpoint$NioSocketWrapper", "be6babfbfc005219",
                    "NioEndpoint$Poller", "6d12086acb9d48e0",
                    "SecureNioChannel", "49b690f39729794d",
                    "SocketWrapperBase", "d8ca3d01678a6d87");

    private static final Map<String, String> READ_OF_HTTP2 =
            Map.of(
                    "Http2AsyncUpgradeHandler", "fafe0f489d8d1970",
                    "Http2UpgradeHandler", "500b40cf7e54755e",
                    "Http2AsyncParser", "f340ceacf3aa41c7",
                    "Http2Protocol", "185a78c32e980982",
                    "Stream", "4615c393dc2a2064",
                    "StreamProcessor", "5534ee1fe6375e92",
                    "Stream$StreamOutputBuffer", "497aa47b1c7d04a9",
                    "Stream$StandardStreamInputBuffer", "636faad687ab1ad8",
                    "StreamStateMachine", "85b0b1e4a1071a5e");

    private static final Map<String, String> READ_OF_REQUESTS =
            Map.of(
                    "AbstractProcessor", "574fe3c2e32fa258",
                    "AbstractProtocol$ConnectionHandler", "c3a5095dd5dfe612",
                    "AbstractProcessorLight", "ed8bd46d91a2e0f9",
                    "AsyncStateMachine", "4b62fd6c19e3b926",
                    "http11/AbstractHttp11Protocol", "91cd3230f9742845",
                    "http11/Http11InputBuffer", "e63e2de93e144db6",
                    "http11/Http11OutputBuffer", "c78ae044248c08c8",
                    "http11/Http11Processor", "431707162bbdc1f7");

    private static final Map<String, String> READ_OF_ADAPTER =
            Map.of("CoyoteAdapter", "e41adb8403c6a5cb");

    @Test
    void classesBelowTheGuardedEndpointAreThoseThatWereRead() {
        assertThat(digests(NioEndpoint.class, READ)).isEqualTo(new TreeMap<>(READ));
    }

    @Test
    void classesOfHttp2AreThoseThatWereRead() {
        assertThat(digests(Http2Protocol.class, READ_OF_HTTP2))
                .isEqualTo(new TreeMap<>(READ_OF_HTTP2));
    }

    @Test
    void classesThatServeRequestsAreThoseThatWereRead() {
        assertThat(digests(ProtocolHandler.class, READ_OF_REQUESTS))
                .isEqualTo(new TreeMap<>(READ_OF_REQUESTS));
        assertThat(digests(Connector.class, READ_OF_ADAPTER)).isEqualTo(READ_OF_ADAPTER);
    }

    private static Map<String, String> digests(Class<?> neighbour, Map<String, String> read) {
        var found = new TreeMap<String, String>();
        read.keySet().forEach(name -> found.put(name, digest(neighbour, name)));
        return found;
    }

    private static String digest(Class<?> neighbour, String name) {
        try (var file = neighbour.getResourceAsStream(name + ".class")) {
            if (file == null) {
                return "is gone";
            }
            var digest = MessageDigest.getInstance("SHA-256").digest(file.readAllBytes());
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
