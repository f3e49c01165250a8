package io.fustor.source.mysql.bench;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TransactionPayloadEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import io.fustor.source.mysql.support.ConnectorClient;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map.Entry;
import org.jspecify.annotations.Nullable;

/// The binlog as the connector library decodes it: every row to objects, which are thrown away, or
/// written as JSON first.
final class ConnectorBinlog {

    private final BinaryLogClient client;
    private final Stretch stretch;
    private final @Nullable ConnectorJson json;
    private boolean isCounted;
    private long rows;
    private boolean isFinished;

    private ConnectorBinlog(BinaryLogClient client, Stretch stretch, @Nullable ConnectorJson json) {
        this.client = client;
        this.stretch = stretch;
        this.json = json;
    }

    /// Reads until the row that is after all others.
    static Reading read(TestMySql mysql, Stretch stretch, boolean asJson) throws IOException {
        BinaryLogClient client = ConnectorClient.to(mysql);
        client.setBinlogFilename(stretch.place().file());
        client.setBinlogPosition(stretch.place().offset());
        ConnectorBinlog binlog =
                new ConnectorBinlog(client, stretch, asJson ? new ConnectorJson() : null);
        client.registerEventListener(binlog::take);
        long start = System.nanoTime();
        client.connect();
        long nanos = System.nanoTime() - start;
        if (!binlog.isFinished) {
            throw new IOException("the connector ended before the binlog did");
        }
        ConnectorJson written = binlog.json;
        return new Reading(binlog.rows, written == null ? 0 : written.bytes(), nanos);
    }

    private void take(Event event) {
        switch (event.getData()) {
            case TableMapEventData map -> enter(map.getDatabase() + "." + map.getTable());
            case WriteRowsEventData write -> inserted(write.getRows());
            case UpdateRowsEventData update -> updated(update.getRows());
            case DeleteRowsEventData delete -> deleted(delete.getRows());
            case TransactionPayloadEventData compressed ->
                    compressed.getUncompressedEvents().forEach(this::take);
            case null, default -> {}
        }
    }

    private void enter(String name) {
        isCounted = stretch.hasTable(name);
        if (name.equals(BenchmarkTable.FINISHED)) {
            isFinished = true;
            disconnect();
        }
    }

    private void disconnect() {
        try {
            client.disconnect();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void inserted(List<Serializable[]> images) {
        if (isCounted) {
            rows += images.size();
            if (json != null) {
                json.inserted(images);
            }
        }
    }

    private void updated(List<Entry<Serializable[], Serializable[]>> images) {
        if (isCounted) {
            rows += 2L * images.size();
            if (json != null) {
                json.updated(images);
            }
        }
    }

    private void deleted(List<Serializable[]> images) {
        if (isCounted) {
            rows += images.size();
        }
    }
}
