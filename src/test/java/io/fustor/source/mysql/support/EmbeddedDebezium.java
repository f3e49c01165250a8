package io.fustor.source.mysql.support;

import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.format.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Debezium's MySQL connector in this JVM, with the options that docs/feed.md names, as the oracle
/// of what its JSON is. It keeps nothing on disk.
public final class EmbeddedDebezium implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<JsonNode> changes = new LinkedBlockingQueue<>();
    private final DebeziumEngine<ChangeEvent<String, String>> engine;
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    private EmbeddedDebezium(Properties properties) {
        engine =
                DebeziumEngine.create(Json.class)
                        .using(properties)
                        .using(
                                (success, message, error) -> {
                                    if (!success) {
                                        failure = new AssertionError(message, error);
                                    }
                                })
                        .notifying(this::take)
                        .build();
        thread = Thread.ofPlatform().name("embedded-debezium").start(engine);
    }

    /// Starts with a snapshot of a schema's tables, after which changes follow.
    ///
    /// @param name what `source.name` is
    public static EmbeddedDebezium start(TestMySql mysql, String schema, String name) {
        return new EmbeddedDebezium(properties(mysql, schema, name));
    }

    /// The options of the connector, which docs/feed.md names.
    public static Properties properties(TestMySql mysql, String schema, String name) {
        Properties properties = new Properties();
        properties.setProperty("name", name);
        properties.setProperty("topic.prefix", name);
        properties.setProperty("connector.class", "io.debezium.connector.mysql.MySqlConnector");
        properties.setProperty("database.hostname", mysql.host());
        properties.setProperty("database.port", String.valueOf(mysql.port()));
        properties.setProperty("database.user", mysql.user());
        properties.setProperty("database.password", mysql.password());
        properties.setProperty("database.server.id", "184054");
        properties.setProperty("database.ssl.mode", "preferred");
        properties.setProperty("database.include.list", schema);
        properties.setProperty("snapshot.mode", "initial");
        properties.setProperty("decimal.handling.mode", "string");
        properties.setProperty("binary.handling.mode", "base64");
        properties.setProperty("bigint.unsigned.handling.mode", "long");
        properties.setProperty("include.schema.changes", "false");
        properties.setProperty("tombstones.on.delete", "false");
        properties.setProperty("converter.schemas.enable", "false");
        properties.setProperty(
                "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        properties.setProperty(
                "schema.history.internal", "io.debezium.relational.history.MemorySchemaHistory");
        properties.setProperty("schema.history.internal.store.only.captured.tables.ddl", "true");
        return properties;
    }

    private void take(ChangeEvent<String, String> event) {
        String json = event.value();
        if (json != null) {
            changes.add(io.fustor.source.mysql.support.ChangeEvent.JSON.readTree(json));
        }
    }

    /// The next change.
    public JsonNode change() {
        try {
            JsonNode next = changes.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("Debezium is silent", failure);
            }
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting for Debezium", e);
        }
    }

    @Override
    public void close() {
        try {
            engine.close();
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while Debezium stops", e);
        }
    }
}
