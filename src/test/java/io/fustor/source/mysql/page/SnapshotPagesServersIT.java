package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.KeyedCopy;
import io.fustor.source.mysql.support.KeyedTraffic;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A snapshot in pages of servers whose places have other GTIDs, or none.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SnapshotPagesServersIT {

    private static final int ROWS = 300;
    private static final int CHANGES = 500;

    private LocalService service;

    private enum Kind {
        MARIADB,
        WITHOUT_GTIDS;

        TestMySql start() {
            return switch (this) {
                case MARIADB -> TestMySql.startMariaDb();
                case WITHOUT_GTIDS ->
                        TestMySql.start("--gtid-mode=OFF", "--enforce-gtid-consistency=OFF");
            };
        }
    }

    @BeforeAll
    void start() {
        service = LocalService.start(Map.of("fustor.mysql.tls", "disabled"));
    }

    @AfterAll
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @EnumSource
    void copyEqualsTheTablesAlthoughWritersWriteAndFilesEnd(Kind kind) throws Exception {
        try (TestMySql server = kind.start()) {
            URI uri = URI.create("http://127.0.0.1:" + service.port());
            ServiceApi api = new ServiceApi(uri);
            String source = kind.name().toLowerCase(Locale.ROOT);
            api.addSource(source, server);
            KeyedTraffic traffic = new KeyedTraffic(server, "servers", 5, ROWS);
            for (String filler : new String[] {"d_filler", "n_filler"}) {
                server.execute(
                        "USE servers",
                        "CREATE TABLE " + filler + " (id INT PRIMARY KEY, v TEXT)",
                        "INSERT INTO "
                                + filler
                                + " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
                                + " n WHERE i < 600) SELECT i, REPEAT('x', 2500) FROM n");
            }
            PageClient pages =
                    PageClient.of(uri, source)
                            .with("tables", "servers.*")
                            .with("snapshot", "initial");
            KeyedCopy copy = new KeyedCopy();
            AtomicBoolean hasChanges = new AtomicBoolean();
            AtomicBoolean isOver = new AtomicBoolean();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<?> writing =
                        threads.submit(() -> write(server, traffic, hasChanges, isOver));
                try {
                    assertThat(SnapshotPagesIT.readUntilTheEnd(pages, copy, hasChanges))
                            .isGreaterThan(2);
                } finally {
                    isOver.set(true);
                }
                writing.get(1, TimeUnit.MINUTES);
            }
            traffic.assertHeldBy(copy);
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    private static void write(
            TestMySql server,
            KeyedTraffic traffic,
            AtomicBoolean hasChanges,
            AtomicBoolean isOver) {
        AtomicLong flushed = new AtomicLong();
        traffic.run(
                2,
                20,
                () -> {
                    if (traffic.committedRows() > flushed.get() + 100) {
                        flushed.set(traffic.committedRows());
                        server.execute("FLUSH BINARY LOGS");
                    }
                    return isOver.get() || (hasChanges.get() && traffic.committedRows() > CHANGES);
                });
        traffic.end();
    }
}
