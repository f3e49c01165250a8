package io.fustor.source.mysql.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.format.JsonByteArray;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// The binlog as Debezium's embedded engine reads it, in this process: every row to JSON without a
/// schema, in large batches, which are counted and thrown away. It is set to be as fast as it can
/// be, and keeps nothing on disk.
final class DebeziumBinlog implements DebeziumEngine.ChangeConsumer<ChangeEvent<byte[], byte[]>> {

    /// How many row images it reads, half of them before it is timed; it takes minutes for what
    /// others read in seconds.
    static final long ROWS = Long.getLong("bench.debezium.rows", 200_000);

    /// Where it has an offset but no schema history, `recovery` takes the schemas as they are now
    /// and reads on from the offset, without any rows of the tables.
    private static final String OPTIONS =
            """
            connector.class=io.debezium.connector.mysql.MySqlConnector
            snapshot.mode=recovery
            snapshot.locking.mode=none
            schema.history.internal=io.debezium.relational.history.MemorySchemaHistory
            schema.history.internal.store.only.captured.tables.ddl=true
            database.ssl.mode=disabled
            driver.allowPublicKeyRetrieval=true
            max.batch.size=4096
            max.queue.size=16384
            poll.interval.ms=5
            offset.flush.interval.ms=60000
            advanced.metrics.enable=false
            include.schema.changes=false
            tombstones.on.delete=false
            converter.schemas.enable=false
            decimal.handling.mode=string
            binary.handling.mode=base64
            bigint.unsigned.handling.mode=long
            """;

    private static final String NAME = "bench";
    private static final long PATIENCE_SECONDS = 600;

    private final TestMySql mysql;
    private final long enough;
    private final Taker taker;
    private final CompletableFuture<WarmReading> finished = new CompletableFuture<>();
    private @Nullable Usage warm;
    private long rows;
    private long bytes;

    /// What was read and used up to a moment.
    private record Usage(long rows, long bytes, long time, Duration cpu, Duration serverCpu) {}

    static {
        for (String talker : List.of("io.debezium", "org.apache.kafka")) {
            ((Logger) LoggerFactory.getLogger(talker)).setLevel(Level.ERROR);
        }
    }

    /// What becomes of the events besides that they are counted.
    interface Taker {
        void take(byte[] key, byte[] value);

        /// All of a batch were taken, and are to be where they belong before the next one.
        void batchTaken();
    }

    private static final Taker NONE =
            new Taker() {
                @Override
                public void take(byte[] key, byte[] value) {
                    // Thrown away.
                }

                @Override
                public void batchTaken() {
                    // Nowhere.
                }
            };

    private DebeziumBinlog(TestMySql mysql, long enough, Taker taker) {
        this.taker = taker;
        this.mysql = mysql;
        this.enough = enough;
    }

    /// Reads so many row images.
    static WarmReading read(TestMySql mysql, Stretch stretch, long enough) throws Exception {
        return read(mysql, stretch, enough, NONE);
    }

    /// Reads so many row images, and passes them on.
    static WarmReading read(TestMySql mysql, Stretch stretch, long enough, Taker taker)
            throws Exception {
        DebeziumBinlog binlog = new DebeziumBinlog(mysql, enough, taker);
        DebeziumEngine<ChangeEvent<byte[], byte[]>> engine =
                DebeziumEngine.create(JsonByteArray.class)
                        .using(properties(mysql, stretch))
                        .using(binlog::ended)
                        .notifying(binlog)
                        .build();
        Thread thread = Thread.ofPlatform().name("debezium").start(engine);
        WarmReading reading = binlog.finished.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        engine.close();
        thread.join();
        return reading;
    }

    private static Properties properties(TestMySql mysql, Stretch stretch) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(OPTIONS));
        properties.setProperty("name", NAME);
        properties.setProperty("topic.prefix", NAME);
        properties.setProperty("database.hostname", mysql.host());
        properties.setProperty("database.port", Integer.toString(mysql.port()));
        properties.setProperty("database.user", mysql.user());
        properties.setProperty("database.password", mysql.password());
        properties.setProperty(
                "database.server.id",
                Integer.toString(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE)));
        properties.setProperty("table.include.list", stretch.tables());
        properties.setProperty("offset.storage", PresetOffset.class.getName());
        properties.setProperty(PresetOffset.FILE, stretch.place().file());
        properties.setProperty(PresetOffset.POSITION, Long.toString(stretch.place().offset()));
        properties.setProperty(PresetOffset.GTIDS, stretch.gtids());
        return properties;
    }

    private void ended(boolean isSuccess, String message, @Nullable Throwable error) {
        finished.completeExceptionally(
                new IOException(
                        "Debezium ended after %d rows: %s".formatted(rows, message), error));
    }

    @Override
    public void handleBatch(
            List<ChangeEvent<byte[], byte[]>> events,
            RecordCommitter<ChangeEvent<byte[], byte[]>> committer)
            throws InterruptedException {
        for (ChangeEvent<byte[], byte[]> event : events) {
            count(event);
            if (event.key() != null && event.value() != null) {
                taker.take(event.key(), event.value());
            }
            committer.markProcessed(event);
        }
        taker.batchTaken();
        committer.markBatchFinished();
        if (warm == null && rows >= enough / 2) {
            warm = usage();
        }
    }

    private void count(ChangeEvent<byte[], byte[]> event) {
        byte[] json = event.value();
        if (json == null || rows >= enough) {
            return;
        }
        rows += Marks.count(json, 0, json.length);
        bytes += event.key().length + json.length;
        if (rows >= enough) {
            finished.complete(reading(warm == null ? usage() : warm, usage()));
        }
    }

    private Usage usage() {
        return new Usage(
                rows,
                bytes,
                System.nanoTime(),
                ProcessUsage.ownCpu(),
                ProcessUsage.cpu(mysql.pid()));
    }

    private static WarmReading reading(Usage from, Usage to) {
        return new WarmReading(
                to.rows(),
                new Reading(
                        to.rows() - from.rows(),
                        to.bytes() - from.bytes(),
                        to.time() - from.time()),
                to.cpu().minus(from.cpu()),
                to.serverCpu().minus(from.serverCpu()));
    }

    /// Where a run of the engine starts, in place of where the last one ended.
    public static final class PresetOffset extends MemoryOffsetBackingStore {

        static final String FILE = "offset.storage.preset.file";
        static final String POSITION = "offset.storage.preset.position";
        static final String GTIDS = "offset.storage.preset.gtids";

        @Override
        public void configure(WorkerConfig config) {
            super.configure(config);
            Map<String, ?> options = config.originals();
            String key = "[\"%1$s\",{\"server\":\"%1$s\"}]".formatted(NAME);
            String value =
                    "{\"file\":\"%s\",\"pos\":%s,\"gtids\":\"%s\"}"
                            .formatted(
                                    options.get(FILE), options.get(POSITION), options.get(GTIDS));
            data.put(ByteBuffer.wrap(key.getBytes(UTF_8)), ByteBuffer.wrap(value.getBytes(UTF_8)));
        }

        @Override
        public Set<Map<String, Object>> connectorPartitions(String connectorName) {
            return Set.of();
        }
    }
}
