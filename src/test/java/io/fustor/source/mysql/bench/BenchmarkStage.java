package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.util.Map;

/// A MySQL with the tables of the benchmarks, and the service in a process of its own, which reads
/// it as the source `bench`. Connections to MySQL are not encrypted, neither the service's nor
/// those of the readers beside it.
record BenchmarkStage(TestMySql mysql, Folder data, ServiceProcess service)
        implements AutoCloseable {

    static final String SOURCE = "bench";

    /// @param heap that the service has, as `-Xmx256m`
    static BenchmarkStage start(String heap) {
        TestMySql mysql =
                TestMySql.start(
                        "--innodb-buffer-pool-size=512M",
                        "--innodb-redo-log-capacity=256M",
                        "--max-connections=500");
        Folder data = Folder.temporary("fustor-bench-");
        try {
            ServiceProcess service =
                    ServiceProcess.start(
                            data.path(),
                            Map.of(
                                    "fustor.mysql.tls", "disabled",
                                    "fustor.feed.max-subscribers", "20000"),
                            heap);
            BenchmarkStage stage = new BenchmarkStage(mysql, data, service);
            stage.api().addSource(SOURCE, mysql);
            stage.table().create();
            return stage;
        } catch (RuntimeException e) {
            mysql.close();
            data.delete();
            throw e;
        }
    }

    BenchmarkTable table() {
        return new BenchmarkTable(mysql);
    }

    ServiceApi api() {
        return new ServiceApi(service.uri("/"));
    }

    /// Saves the source anew. A capture goes on for some seconds when its last subscriber has left,
    /// and a reader of the binlog would get rows from its live window.
    void renewSource() {
        api().delete("/api/configs/sources/" + SOURCE).expect(204);
        api().addSource(SOURCE, mysql);
    }

    /// Path and query of a subscription.
    static String feed(String query) {
        return "/api/sources/" + SOURCE + "/events?" + query;
    }

    /// Reads the feed until so many rows came, or to its end.
    Reading readFeed(String query, long enough) throws Exception {
        return FeedStream.read(service.port(), feed(query), enough);
    }

    /// The sum of the service's meters of a name.
    ///
    /// @param mark that their lines have
    double meter(String name, String mark) {
        return api().get("/actuator/prometheus")
                .expect(200)
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{") && line.contains(mark))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Override
    public void close() {
        service.close();
        mysql.close();
        data.delete();
    }
}
