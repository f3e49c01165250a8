package io.fustor.source.mysql.support;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.MariadbGtidEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer.CompatibilityMode;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// The binlog as a reader that shares nothing with the service sees it: the connector library's own
/// decoding, over a connection of its own, from its end at the start. It knows the types that the
/// keys of [KeyedTraffic] have.
public final class BinlogKeys implements AutoCloseable {

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS");

    /// Of `BINARY(16)`; the binlog leaves zeros at the end out.
    private static final int BINARY_BYTES = 16;

    private final BinaryLogClient client;
    private final String schema;
    private final Map<Long, TableMapEventData> tables = new HashMap<>();
    private final BlockingQueue<KeyChange> changes = new LinkedBlockingQueue<>();
    private String gtid = "";

    private BinlogKeys(BinaryLogClient client, String schema) {
        this.client = client;
        this.schema = schema;
    }

    /// Follows the binlog from where it ends now, as far as it is about a schema.
    public static BinlogKeys follow(TestMySql mysql, String schema) {
        BinaryLogClient client =
                ConnectorClient.to(mysql, CompatibilityMode.CHAR_AND_BINARY_AS_BYTE_ARRAY);
        client.setBinlogFilename(Sql.value(mysql, "SHOW MASTER STATUS"));
        client.setBinlogPosition(
                Long.parseLong(Sql.column(mysql, "SHOW MASTER STATUS", 2).getFirst()));
        BinlogKeys keys = new BinlogKeys(client, schema);
        client.registerEventListener(keys::take);
        try {
            client.connect(10_000);
        } catch (Exception e) {
            throw new IllegalStateException("the connector cannot follow the binlog", e);
        }
        return keys;
    }

    private void take(Event event) {
        switch (event.getData()) {
            case GtidEventData begin -> gtid = begin.getMySqlGtid().toString();
            case MariadbGtidEventData begin ->
                    gtid =
                            "%d-%d-%d"
                                    .formatted(
                                            begin.getDomainId(),
                                            event.<EventHeaderV4>getHeader().getServerId(),
                                            begin.getSequence());
            case TableMapEventData map -> tables.put(map.getTableId(), map);
            case WriteRowsEventData write -> takeAll("insert", write.getTableId(), write.getRows());
            case DeleteRowsEventData delete ->
                    takeAll("delete", delete.getTableId(), delete.getRows());
            case UpdateRowsEventData update -> {
                TableMapEventData map = tables.get(update.getTableId());
                for (Map.Entry<Serializable[], Serializable[]> row : update.getRows()) {
                    add("update", map, row.getKey(), row.getValue());
                }
            }
            case null, default -> {}
        }
    }

    private void takeAll(String operation, long table, List<Serializable[]> rows) {
        TableMapEventData map = tables.get(table);
        for (Serializable[] row : rows) {
            add(operation, map, row, row);
        }
    }

    private void add(
            String operation, TableMapEventData map, Serializable[] before, Serializable[] row) {
        if (map.getDatabase().equals(schema)) {
            String table = map.getDatabase() + "." + map.getTable();
            changes.add(new KeyChange(gtid, operation, table, key(map, before), key(map, row)));
        }
    }

    private static String key(TableMapEventData map, Serializable[] row) {
        List<String> texts = new ArrayList<>();
        for (int column : map.getEventMetadata().getSimplePrimaryKeys()) {
            texts.add(text(map.getColumnTypes()[column] & 0xFF, row[column]));
        }
        return String.join(" ", texts);
    }

    private static String text(int type, Serializable value) {
        return switch (value) {
            case Long micros when type == ColumnType.DATETIME_V2.getCode() ->
                    LocalDateTime.ofEpochSecond(
                                    Math.floorDiv(micros, 1_000_000L),
                                    (int) Math.floorMod(micros, 1_000_000L) * 1_000,
                                    ZoneOffset.UTC)
                            .format(MICROS);
            case Long number -> Long.toUnsignedString(number);
            case Integer number -> number.toString();
            case BigDecimal number -> number.toPlainString();
            case byte[] bytes when type == ColumnType.VARCHAR.getCode() ->
                    new String(bytes, StandardCharsets.UTF_8);
            case byte[] bytes ->
                    Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, BINARY_BYTES));
            default -> throw new IllegalStateException("no key of traffic: " + value.getClass());
        };
    }

    /// What came; readers take it from here.
    public BlockingQueue<KeyChange> changes() {
        return changes;
    }

    @Override
    public void close() {
        try {
            client.disconnect();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
