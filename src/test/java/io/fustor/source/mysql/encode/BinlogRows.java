package io.fustor.source.mysql.encode;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.ByteArrayEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.ByteArrayEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The rows that a real server inserted, as the bytes of its rows events.
final class BinlogRows {

    private static final String END = "end_of_rows";

    /// Table id and flags, followed by the length of extra data, except in MariaDB.
    private static final int HEADER = 8;

    private final Map<String, List<byte[]>> byTable = new TreeMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private String table = "";

    private BinlogRows() {}

    /// Runs statements in a database of their own, and returns the row images of each table's rows
    /// events, one array an event. Tables have at most eight columns.
    static Map<String, List<byte[]>> of(TestMySql mysql, String schema, List<String> statements)
            throws Exception {
        mysql.execute("DROP DATABASE IF EXISTS " + schema, "CREATE DATABASE " + schema);
        BinlogRows rows = new BinlogRows();
        BinaryLogClient client = rows.client(mysql);
        try {
            List<String> all = new ArrayList<>(List.of("USE " + schema, "SET sql_mode = ''"));
            all.addAll(statements);
            all.add("CREATE TABLE " + END + " (id INT)");
            all.add("INSERT INTO " + END + " VALUES (1)");
            mysql.execute(all.toArray(String[]::new));
            if (!rows.ended.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the rows did not come");
            }
        } finally {
            client.disconnect();
        }
        return rows.byTable;
    }

    private BinaryLogClient client(TestMySql mysql) throws Exception {
        var client =
                new BinaryLogClient(mysql.host(), mysql.port(), mysql.user(), mysql.password());
        try (var connection = mysql.jdbc();
                var statement = connection.createStatement();
                var logs = statement.executeQuery("SHOW BINARY LOGS")) {
            while (logs.next()) {
                client.setBinlogFilename(logs.getString(1));
                client.setBinlogPosition(logs.getLong(2));
            }
        }
        var deserializer = new EventDeserializer();
        for (EventType type : List.of(EventType.EXT_WRITE_ROWS, EventType.WRITE_ROWS)) {
            deserializer.setEventDataDeserializer(type, new ByteArrayEventDataDeserializer());
        }
        client.setEventDeserializer(deserializer);
        client.setServerId(7_000_000 + ProcessHandle.current().pid());
        client.registerEventListener(this::take);
        connect(client);
        return client;
    }

    private static void connect(BinaryLogClient client) throws Exception {
        try {
            client.connect(10_000);
        } catch (IOException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    private void take(Event event) {
        switch (event.getData()) {
            case TableMapEventData map -> {
                table = map.getTable();
                if (table.equals(END)) {
                    ended.countDown();
                }
            }
            case ByteArrayEventData rows -> {
                byte[] data = rows.getData();
                boolean hasExtra = event.getHeader().getEventType() == EventType.EXT_WRITE_ROWS;
                int extra = hasExtra ? CellBytes.uint16(data, HEADER) : 0;
                int images = HEADER + extra + 2; // one byte each of column count and bitmap
                byTable.computeIfAbsent(table, _ -> new ArrayList<>())
                        .add(Arrays.copyOfRange(data, images, data.length));
            }
            case null, default -> {}
        }
    }
}
