package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Many clients on one thread that read pages with long polls, one request after the other on a
/// connection each.
final class PollingReaders implements AutoCloseable {

    private static final long LONGEST_WAIT = Duration.ofSeconds(300).toNanos();

    private final Selector selector = Selector.open();
    private final InetSocketAddress address;
    private final String head;
    private final List<Client> clients = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(256 * 1024);
    private long requests;
    private long rows;
    private long bytes;

    /// @param target of the pages, without offset
    /// @param secret of a reader
    /// @param offset where all of them begin
    /// @param noted what the first ones note the rows in
    PollingReaders(int port, String target, String secret, String offset, int count, Ticks[] noted)
            throws IOException {
        this.address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        this.head =
                "GET "
                        + target
                        + "&live=long-poll&offset=%s%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
                        + secret
                        + "\r\n\r\n";
        try {
            for (int i = 0; i < count; i++) {
                clients.add(new Client(offset, i < noted.length ? noted[i] : null));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    long requests() {
        return requests;
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    /// The fewest rows that one of them has.
    long fewest() {
        return clients.stream().mapToLong(client -> client.rows).min().orElse(0);
    }

    /// The most rows that one of them has.
    long mostRows() {
        return clients.stream().mapToLong(client -> client.rows).max().orElse(0);
    }

    /// Reads until something is so, which is looked at every 100 ms.
    void readUntil(BooleanSupplier enough) throws IOException {
        long start = System.nanoTime();
        long look = start;
        while (true) {
            try {
                selector.select(this::serve, 100);
            } catch (UncheckedIOException e) {
                throw new IOException(e.getCause());
            }
            long now = System.nanoTime();
            if (now - look > 100_000_000L) {
                look = now;
                if (enough.getAsBoolean()) {
                    return;
                }
            }
            if (now - start > LONGEST_WAIT) {
                throw new IOException("rows of the slowest client: " + fewest());
            }
        }
    }

    private void serve(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            if (key.isConnectable()) {
                client.channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                client.ask();
            } else {
                client.read();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Client {

        private final SocketChannel channel = SocketChannel.open();
        private final Ticks ticks;
        private String offset;
        private String cursor = "";
        private PageBody answer = new PageBody();
        private long rows;

        Client(String offset, Ticks ticks) throws IOException {
            this.offset = offset;
            this.ticks = ticks;
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_CONNECT, this);
            channel.connect(address);
        }

        private void ask() throws IOException {
            String more = cursor.isEmpty() ? "" : "&cursor=" + cursor;
            byte[] request = head.formatted(offset, more).getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(request));
            answer = new PageBody();
        }

        private void read() throws IOException {
            buffer.clear();
            int length = channel.read(buffer);
            if (length < 0) {
                throw new IOException("a connection was closed");
            }
            bytes += length;
            answer.take(buffer.array(), length, this::take);
            if (answer.isOver()) {
                if (answer.status() != 200 && answer.status() != 204) {
                    throw new IOException("answered with " + answer.status());
                }
                requests++;
                offset = answer.header("stream-next-offset");
                cursor = answer.header("stream-cursor");
                ask();
            }
        }

        private void take(byte[] piece, int from, int to) {
            int found = Marks.count(piece, from, to);
            rows += found;
            PollingReaders.this.rows += found;
            if (ticks != null) {
                ticks.scan(piece, from, to, System.nanoTime());
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Client client : clients) {
            client.channel.close();
        }
        selector.close();
    }
}
