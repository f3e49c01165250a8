package io.fustor.source.mysql.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Many clients on one thread that count what their streams bring: little beside what is measured,
/// and the same for every server.
final class FanOutReaders implements AutoCloseable {

    private static final long LONGEST_WAIT = Duration.ofSeconds(180).toNanos();

    private final Selector selector = Selector.open();
    private final List<SocketChannel> channels = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(256 * 1024);
    private int silent;
    private long first;
    private long last;
    private long marks;
    private long bytes;

    /// Connects, asks, and returns when every server's stream has begun.
    FanOutReaders(int port, String target, int count) throws IOException {
        try {
            for (int i = 0; i < count; i++) {
                connect(port, target);
            }
            silent = count;
            long start = System.nanoTime();
            while (silent > 0) {
                readOn(start);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void connect(int port, String target) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
        channels.add(channel);
        channel.write(ByteBuffer.wrap(FeedStream.request(target)));
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
    }

    /// Reads until so many rows came to all clients together.
    ///
    /// @return from the first row to the last one
    Reading read(long rows) throws IOException {
        long start = System.nanoTime();
        first = 0;
        marks = 0;
        bytes = 0;
        while (marks < rows) {
            readOn(start);
        }
        return new Reading(marks, bytes, last - first);
    }

    private void readOn(long start) throws IOException {
        selector.select(this::readSome, 1_000);
        if (System.nanoTime() - start > LONGEST_WAIT) {
            throw new IOException(
                    "%d streams have not begun, %d rows came".formatted(silent, marks));
        }
    }

    private void readSome(SelectionKey key) {
        buffer.clear();
        try {
            int length = ((SocketChannel) key.channel()).read(buffer);
            if (length < 0) {
                throw new IOException("a stream ended that began with " + key.attachment());
            }
            int found = Marks.count(buffer.array(), 0, length);
            last = System.nanoTime();
            first = first == 0 && found > 0 ? last : first;
            marks += found;
            bytes += length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (key.attachment() == null) {
            silent--;
            key.attach(new String(buffer.array(), 0, Math.min(500, buffer.position()), US_ASCII));
        }
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
        selector.close();
    }
}
