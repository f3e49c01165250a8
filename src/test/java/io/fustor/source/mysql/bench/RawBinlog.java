package io.fustor.source.mysql.bench;

import com.github.shyiko.mysql.binlog.network.Authenticator;
import com.github.shyiko.mysql.binlog.network.protocol.GreetingPacket;
import com.github.shyiko.mysql.binlog.network.protocol.PacketChannel;
import com.github.shyiko.mysql.binlog.network.protocol.command.QueryCommand;
import io.fustor.source.mysql.bench.BenchmarkTable.BinlogPlace;
import io.fustor.source.mysql.support.TestMySql;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ThreadLocalRandom;

/// The replication stream's bytes, thrown away as they come: what no reader of a binlog can be
/// faster than. Only the lengths of packets are looked at, to find the end, and the types of
/// events, to count those that hold rows.
final class RawBinlog {

    private static final int DUMP = 0x12;

    /// Makes the server end the stream at the binlog's end instead of waiting for more.
    private static final int UNTIL_THE_END = 1;

    private static final int END = 0xFE;
    private static final int BUFFER = 256 * 1024;

    private RawBinlog() {}

    /// Reads from a place to the end; the rows it says are packets.
    static Reading read(TestMySql mysql, BinlogPlace from) throws IOException {
        TestMySql.Login login = TestMySql.CAPTURE;
        try (Socket socket = new Socket(mysql.host(), mysql.port())) {
            socket.setTcpNoDelay(true);
            PacketChannel channel = new PacketChannel(socket);
            GreetingPacket greeting = new GreetingPacket(channel.read());
            new Authenticator(greeting, channel, null, login.user(), login.password())
                    .authenticate();
            channel.authenticationComplete();
            channel.write(
                    new QueryCommand("SET @source_binlog_checksum = @@global.binlog_checksum"));
            channel.read();
            long start = System.nanoTime();
            channel.write(() -> dump(from));
            return discard(socket.getInputStream(), start);
        }
    }

    private static byte[] dump(BinlogPlace from) {
        byte[] file = from.fileBytes();
        return ByteBuffer.allocate(11 + file.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) DUMP)
                .putInt((int) from.offset())
                .putShort((short) UNTIL_THE_END)
                .putInt(ThreadLocalRandom.current().nextInt() | 1 << 31)
                .put(file)
                .array();
    }

    private static Reading discard(InputStream in, long start) throws IOException {
        byte[] buffer = new byte[BUFFER];
        int limit = 0;
        int at = 0;
        long bytes = 0;
        long packets = 0;
        while (true) {
            while (limit - at < 5) {
                System.arraycopy(buffer, at, buffer, 0, limit - at);
                limit -= at;
                at = 0;
                limit += fill(in, buffer, limit);
            }
            int length =
                    buffer[at] & 0xFF
                            | (buffer[at + 1] & 0xFF) << 8
                            | (buffer[at + 2] & 0xFF) << 16;
            int marker = buffer[at + 4] & 0xFF;
            if (marker == END && length < 9) {
                return new Reading(packets, bytes, System.nanoTime() - start);
            }
            if (marker != 0) {
                throw new IOException("the server refused: packet of marker " + marker);
            }
            packets++;
            bytes += 4L + length;
            at += 4 + length;
            while (at > limit) {
                at -= limit;
                limit = fill(in, buffer, 0);
            }
        }
    }

    private static int fill(InputStream in, byte[] buffer, int from) throws IOException {
        int length = in.read(buffer, from, buffer.length - from);
        if (length < 0) {
            throw new EOFException("the server closed the stream before the binlog's end");
        }
        return length;
    }
}
