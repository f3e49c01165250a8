package io.fustor.source.mysql.kafka;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.MySqlGtid;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import io.fustor.source.mysql.support.ConnectorClient;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The rows of a schema's changes as the connector library reads them from the binlog: what must
/// have come, told apart by where each stands. It shares no code with the service.
final class BinlogRows {

    private static final String MARK = "binlog_rows_mark";

    private final String schema;
    private final List<String> rows = new ArrayList<>();
    private final Map<Long, TableMapEventData> tables = new HashMap<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private String file = "";
    private String gtid = "";
    private long lastMark;

    private BinlogRows(String schema) {
        this.schema = schema;
    }

    /// The same of the records of a topic, without snapshot rows, tombstones, and the first halves
    /// of updates that change a key.
    static List<String> ofRecords(List<TopicReader.Read> records) {
        return records.stream().map(BinlogRows::ofRecord).filter(Objects::nonNull).toList();
    }

    /// The same of one record; null if it is none that the binlog is compared with.
    static @Nullable String ofRecord(TopicReader.Read record) {
        if (record.isTombstone() || record.headers().containsKey("__debezium.newkey")) {
            return null;
        }
        JsonNode json = record.json();
        String operation = json.path("op").asString();
        if (operation.equals("r")) {
            return null;
        }
        JsonNode from = json.path("source");
        boolean isMoved = record.headers().containsKey("__debezium.oldkey");
        return name(
                from.path("table").asString(),
                from.path("gtid").asString(),
                from.path("pos").asLong(),
                from.path("row").asInt(),
                isMoved ? "u" : operation);
    }

    /// Reads all changes of a schema's tables that a server has.
    ///
    /// @return each row as its table, transaction, place and kind of change, in the binlog's order
    static List<String> of(TestMySql mysql, String schema) throws Exception {
        mysql.execute(
                "CREATE DATABASE IF NOT EXISTS " + MARK,
                "CREATE TABLE IF NOT EXISTS " + MARK + ".marks (id INT AUTO_INCREMENT PRIMARY KEY)",
                "INSERT INTO " + MARK + ".marks VALUES ()");
        BinlogRows reader = new BinlogRows(schema);
        BinaryLogClient client = ConnectorClient.to(mysql);
        client.setBinlogFilename(Sql.value(mysql, "SHOW BINARY LOGS"));
        client.setBinlogPosition(4);
        reader.lastMark =
                Long.parseLong(Sql.value(mysql, "SELECT MAX(id) FROM " + MARK + ".marks"));
        client.registerEventListener(reader::take);
        client.connect(TimeUnit.SECONDS.toMillis(30));
        try {
            if (!reader.end.await(120, TimeUnit.SECONDS)) {
                throw new AssertionError("the binlog has no end");
            }
        } finally {
            client.disconnect();
        }
        return reader.rows;
    }

    private void take(Event event) {
        EventData data = event.getData();
        EventHeaderV4 header = event.getHeader();
        switch (data) {
            case RotateEventData rotate -> file = rotate.getBinlogFilename();
            case TableMapEventData table -> tables.put(table.getTableId(), table);
            case GtidEventData begins -> {
                MySqlGtid id = begins.getMySqlGtid();
                gtid = id == null ? "" : id.toString();
            }
            case WriteRowsEventData written -> {
                add(written.getTableId(), written.getRows().size(), "c", header);
                if (isMark(written)) {
                    end.countDown();
                }
            }
            case UpdateRowsEventData updated ->
                    add(updated.getTableId(), updated.getRows().size(), "u", header);
            case DeleteRowsEventData deleted ->
                    add(deleted.getTableId(), deleted.getRows().size(), "d", header);
            case null, default -> {
                // Nothing that changes rows.
            }
        }
    }

    private boolean isMark(WriteRowsEventData written) {
        return tables.get(written.getTableId()).getDatabase().equals(MARK)
                && ((Number) written.getRows().getLast()[0]).longValue() == lastMark;
    }

    private void add(long tableId, int count, String kind, EventHeaderV4 header) {
        TableMapEventData table = tables.get(tableId);
        for (int row = 0; row < count; row++) {
            if (table.getDatabase().equals(schema)) {
                rows.add(name(table.getTable(), gtid, header.getPosition(), row, kind));
            }
        }
    }

    /// The name of one row's change.
    ///
    /// @param position where its rows event starts
    private static String name(String table, String gtid, long position, int row, String kind) {
        return table + " " + gtid + " " + position + "/" + row + " " + kind;
    }
}
