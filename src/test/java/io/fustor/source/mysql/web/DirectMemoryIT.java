package io.fustor.source.mysql.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// More connections than there is room for their buffers, which are outside of the heap.
class DirectMemoryIT {

    /// 16 MiB have room for 320.
    private static final String ROOM = "-XX:MaxDirectMemorySize=16m";

    private static final int CONNECTIONS = 400;

    @Test
    void connectionsWithoutRoomForTheirBuffersKeepNoOneOut(@TempDir Path data) throws IOException {
        List<Socket> clients = new ArrayList<>();
        // Only new connections end those that wait.
        Map<String, String> patient = Map.of("fustor.web.head-timeout", "10m");
        try (ServiceProcess service = ServiceProcess.start(data, patient, ROOM)) {
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket client = new Socket(InetAddress.ofLiteral("127.0.0.1"), service.port());
                clients.add(client);
                client.getOutputStream().write("GET ".getBytes(US_ASCII));
            }

            new ServiceApi(service.uri("")).get("/actuator/health/readiness").expect(200);
            assertThat(service.log()).doesNotContain("OutOfMemoryError");
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }
}
