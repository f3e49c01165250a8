package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// An instance of the service in a process of its own, which writes a source.
final class WriterInstance implements AutoCloseable {

    private final Folder data = Folder.temporary("fustor-writer-");
    private final String source;
    private final ServiceProcess process;
    private final ServiceApi api;

    WriterInstance(String source, String name, Map<String, String> settings) {
        this.source = source;
        this.process =
                ServiceProcess.start(
                        data.path(), WriterSettings.with(settings, "fustor.agent-id", name));
        this.api = new ServiceApi(process.uri("/"));
    }

    ServiceProcess process() {
        return process;
    }

    /// What `GET /api/sources/{id}` tells of the writer.
    JsonNode kafka() {
        return api.source(source).path("kafka");
    }

    /// Whether a further source of its settings is its own.
    boolean isWriterOf(String other) {
        return !api.source(other).path("kafka").path("writer").isNull();
    }

    /// Whether it has written the source since it took it over, and still does.
    boolean isWriting() {
        try {
            JsonNode kafka = kafka();
            return !kafka.path("writer").isNull()
                    && !kafka.path("position").isNull()
                    && kafka.path("error").isNull();
        } catch (RuntimeException | AssertionError _) {
            return false; // It is not there.
        }
    }

    /// The code of what keeps it from writing; empty if nothing does.
    String errorCode() {
        return kafka().path("error").path("code").asString("");
    }

    /// The body of an answer.
    String get(String path) {
        return api.get(path).body();
    }

    /// The value of a meter of a source, as a scrape shows it.
    double meter(String name, String of) {
        String row = name + "{source=\"" + of + "\"} ";
        return get("/actuator/prometheus")
                .lines()
                .filter(line -> line.startsWith(row))
                .mapToDouble(line -> Double.parseDouble(line.substring(row.length())))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        process.close();
        data.delete();
    }
}
