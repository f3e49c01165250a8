package io.fustor.source.mysql.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The service and the connector while the server writes as fast as it can: either has the rows
/// written anew.
final class LiveReaders {

    private static final int WRITERS = 2;

    /// Later than this, a reader has not kept up.
    private static final double MILLIS_LATE = 100;

    private final BenchmarkStage stage;
    private final int rows;
    private long later;
    private long bytes;

    LiveReaders(BenchmarkStage stage, int rows) {
        this.stage = stage;
        this.rows = rows;
    }

    /// What the rows took in the binlog the last time.
    long binlogBytes() {
        return bytes;
    }

    /// Whether the service kept up the last time.
    String remark() {
        double millis = later / 1e6;
        return "%s: the last row came %.1f ms after the last commit's answer"
                .formatted(millis > MILLIS_LATE ? "lagged" : "kept up", millis);
    }

    Reading service() throws Exception {
        String target = BenchmarkStage.feed("tables=" + FurtherTables.LIVE);
        try (FeedStream stream = FeedStream.open(stage.service().port(), target)) {
            long start = System.nanoTime();
            CompletableFuture<Long> written = CompletableFuture.supplyAsync(this::write);
            Reading reading = Reading.ofMarks(stream.in(), rows, start);
            later = start + reading.nanos() - written.join();
            return reading;
        }
    }

    Reading connector() throws Exception {
        BenchmarkTable table = stage.table();
        long before = table.binlogBytes();
        Stretch stretch = new Stretch(table.end(), table.gtids(), "", FurtherTables.LIVE, rows, 0);
        CompletableFuture<Void> written =
                CompletableFuture.supplyAsync(this::write).thenAccept(_ -> table.finish());
        Reading reading = stretch.byConnector(stage.mysql());
        written.join();
        bytes = table.binlogBytes() - before;
        return reading;
    }

    /// Lets some connections write at once.
    ///
    /// @return when the last of them was answered, as the nano clock had it
    private long write() {
        FurtherTables tables = new FurtherTables(stage.mysql());
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int base = (int) ((long) rows * i / WRITERS);
                int last = (int) ((long) rows * (i + 1) / WRITERS);
                all.add(writers.submit(() -> tables.copyLive(base, last)));
            }
            for (Future<?> one : all) {
                one.get();
            }
            return System.nanoTime();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("not everything was written", e);
        }
    }
}
