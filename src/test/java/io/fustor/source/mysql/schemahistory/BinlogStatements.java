package io.fustor.source.mysql.schemahistory;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.ByteArrayEventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.deserialization.ByteArrayEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// The statements of a server's binlog as they stand there, read by a client of its own.
///
/// @param start of the transaction, in bytes
/// @param end the offset after the statement's event
record BinlogStatements(String file, long start, long end, byte[] sql, StatementContext context) {

    static List<BinlogStatements> read(TestMySql mysql, String file, long offset) throws Exception {
        var found = new ArrayList<BinlogStatements>();
        var start = new AtomicLong();
        var login = TestMySql.ROOT;
        var client =
                new BinaryLogClient(mysql.host(), mysql.port(), login.user(), login.password());
        client.setServerId(4242);
        client.setBlocking(false);
        client.setKeepAlive(false);
        client.setBinlogFilename(file);
        client.setBinlogPosition(offset);
        var deserializer = new EventDeserializer();
        deserializer.setEventDataDeserializer(
                EventType.QUERY, new ByteArrayEventDataDeserializer());
        client.setEventDeserializer(deserializer);
        client.registerEventListener(
                event -> {
                    EventHeaderV4 header = event.getHeader();
                    if (header.getEventType() == EventType.GTID) {
                        start.set(header.getPosition());
                    }
                    if (header.getEventType() == EventType.QUERY) {
                        ByteArrayEventData data = event.getData();
                        found.add(
                                statement(
                                        client.getBinlogFilename(),
                                        start.get(),
                                        header.getNextPosition(),
                                        data.getData()));
                    }
                });
        client.connect();
        return found;
    }

    String text() {
        return context.text(sql);
    }

    private static BinlogStatements statement(String file, long start, long end, byte[] body) {
        var bytes = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        int schemaLength = bytes.get(8) & 0xFF;
        var variables = new byte[bytes.getShort(11)];
        bytes.get(13, variables);
        int at = 13 + variables.length;
        var schema = new String(body, at, schemaLength, StandardCharsets.UTF_8);
        at += schemaLength + 1;
        var sql = new byte[body.length - at];
        bytes.get(at, sql);
        return new BinlogStatements(
                file, start, end, sql, StatementContext.read(schema, variables));
    }
}
