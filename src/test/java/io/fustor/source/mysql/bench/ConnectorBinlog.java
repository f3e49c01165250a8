package io.fustor.source.mysql.bench;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import io.fustor.source.mysql.bench.BenchmarkTable.BinlogPlace;
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
    private final @Nullable ConnectorJson json;
    private String table = "";
    private long rows;
    private boolean isFinished;

    private ConnectorBinlog(BinaryLogClient client, @Nullable ConnectorJson json) {
        this.client = client;
        this.json = json;
    }

    /// Reads from a place until the row that is behind all others.
    static Reading read(TestMySql mysql, BinlogPlace from, boolean asJson) throws IOException {
        BinaryLogClient client = ConnectorClient.to(mysql);
        client.setBinlogFilename(from.file());
        client.setBinlogPosition(from.offset());
        ConnectorBinlog binlog = new ConnectorBinlog(client, asJson ? new ConnectorJson() : null);
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
            case null, default -> {}
        }
    }

    private void enter(String name) {
        table = name;
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
        if (table.equals(BenchmarkTable.ORDERS)) {
            rows += images.size();
            if (json != null) {
                json.inserted(images);
            }
        }
    }

    private void updated(List<Entry<Serializable[], Serializable[]>> images) {
        if (table.equals(BenchmarkTable.ORDERS)) {
            rows += 2L * images.size();
            if (json != null) {
                json.updated(images);
            }
        }
    }
}
