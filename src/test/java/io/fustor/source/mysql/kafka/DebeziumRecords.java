package io.fustor.source.mysql.kafka;

import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.Header;
import io.debezium.engine.format.Json;
import io.debezium.engine.format.KeyValueHeaderChangeEventFormat;
import io.fustor.source.mysql.support.EmbeddedDebezium;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;

/// The records of Debezium's MySQL connector with JsonConverter: the oracle of keys and schemas.
final class DebeziumRecords implements AutoCloseable {

    private final List<TopicReader.Read> records = new CopyOnWriteArrayList<>();
    private final DebeziumEngine<ChangeEvent<String, String>> engine;
    private final Thread thread;

    DebeziumRecords(TestMySql mysql, String schema, String name, boolean schemas) {
        Properties properties = EmbeddedDebezium.properties(mysql, schema, name);
        properties.setProperty("converter.schemas.enable", String.valueOf(schemas));
        // Two may read from one server.
        properties.setProperty("database.server.id", schemas ? "184055" : "184056");
        properties.setProperty("tombstones.on.delete", "true");
        engine =
                DebeziumEngine.create(
                                KeyValueHeaderChangeEventFormat.of(
                                        Json.class, Json.class, Json.class))
                        .using(properties)
                        .notifying(this::take)
                        .build();
        thread = Thread.ofPlatform().name("debezium-records").start(engine);
    }

    private void take(ChangeEvent<String, String> event) {
        Map<String, String> headers = new HashMap<>();
        for (Header<?> header : event.headers()) {
            headers.put(header.getKey(), String.valueOf(header.getValue()));
        }
        records.add(
                new TopicReader.Read(
                        event.destination(), 0, event.key(), event.value(), headers, 0, 0));
    }

    /// What came so far.
    List<TopicReader.Read> records() {
        return records;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        engine.close();
        thread.join(30_000);
    }
}
