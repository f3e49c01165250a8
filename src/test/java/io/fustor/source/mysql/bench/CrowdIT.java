package io.fustor.source.mysql.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A thousand clients that connect at once, to a service in a process of its own whose heap has
/// room for some more: all of them get their streams. A client may be told to come again, but none
/// may lose its connection.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrowdIT {

    private static final int CLIENTS = 1_000;
    private static final int ROWS = 5;
    private static final String TABLE = "crowd.t";

    private final TestMySql mysql = TestMySql.shared();
    private final Folder data = Folder.temporary("fustor-crowd-");
    private ServiceProcess service;

    @BeforeAll
    void start() {
        // Heartbeats do not tell who has left.
        service =
                ServiceProcess.start(
                        data.path(),
                        Map.of("fustor.mysql.tls", "disabled", "fustor.feed.heartbeat", "10m"),
                        "-XX:+UseSerialGC",
                        "-Xmx512m");
        new ServiceApi(service.uri("/")).addSource("crowd", mysql);
        mysql.execute(
                "DROP DATABASE IF EXISTS crowd",
                "CREATE DATABASE crowd",
                "CREATE TABLE " + TABLE + " (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT)");
    }

    @AfterAll
    void stop() {
        service.close();
        data.delete();
    }

    @Test
    void everyClientGetsItsStream() throws IOException {
        for (String coding : new String[] {"identity", "gzip"}) {
            // The second thousand comes while the places of the first are still taken.
            try (CodedFanOutReaders readers = connect(coding)) {
                for (int i = 0; i < ROWS; i++) {
                    mysql.execute("INSERT INTO " + TABLE + " (v) VALUES ('#')");
                }

                assertThat(readers.read((long) ROWS * CLIENTS).rows())
                        .isEqualTo((long) ROWS * CLIENTS);
                System.out.printf(
                        "FIGURE %d clients with %s, %d were told to come again%n",
                        CLIENTS, coding, readers.refused());
                // Each waits for its time once.
                assertThat(readers.refused()).isLessThanOrEqualTo(CLIENTS);
            }
        }
    }

    private CodedFanOutReaders connect(String coding) throws IOException {
        String target = "/api/sources/crowd/events?batch=1&tables=" + TABLE;
        return new CodedFanOutReaders(service.port(), target, CLIENTS, coding);
    }
}
