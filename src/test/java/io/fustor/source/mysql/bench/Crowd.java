package io.fustor.source.mysql.bench;

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
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntFunction;

/// Many clients on one thread that connect at once, or so many at a time. A client that is told to
/// come again later does so.
public final class Crowd implements AutoCloseable {

    private static final long LONGEST_WAIT = Duration.ofSeconds(180).toNanos();
    private static final int LONGEST_LOOK_MILLIS = 1_000;

    private final Selector selector = Selector.open();
    private final InetSocketAddress address;
    private final int count;
    private final IntFunction<byte[]> requests;
    private final Listener listener;
    private final List<Client> clients = new ArrayList<>();
    private final PriorityQueue<Client> waiting =
            new PriorityQueue<>(Comparator.comparingLong(client -> client.due));
    private final ByteBuffer buffer = ByteBuffer.allocate(256 * 1024);
    private int begun;
    private int refused;

    /// Gets what comes after the heads.
    public interface Listener {

        /// @param client its number
        void take(int client, byte[] piece, int from, int to) throws IOException;
    }

    private static final class Client {
        private final int number;
        private SocketChannel channel;
        private AnswerHead head = new AnswerHead();
        private long due;

        private Client(int number, SocketChannel channel) {
            this.number = number;
            this.channel = channel;
        }
    }

    /// @param requests of each client, by its number
    public Crowd(int port, int count, IntFunction<byte[]> requests, Listener listener)
            throws IOException {
        this(port, count, count, requests, listener);
    }

    /// @param atATime how many are about to get their streams
    /// @param requests of each client, by its number
    Crowd(int port, int count, int atATime, IntFunction<byte[]> requests, Listener listener)
            throws IOException {
        this.count = count;
        this.address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        this.requests = requests;
        this.listener = listener;
        try {
            for (int i = 0; i < atATime; i++) {
                connectNext();
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void connectNext() throws IOException {
        if (clients.size() < count) {
            Client client = new Client(clients.size(), SocketChannel.open());
            clients.add(client);
            connect(client);
        }
    }

    private void connect(Client client) throws IOException {
        client.channel.configureBlocking(false);
        client.channel.register(selector, SelectionKey.OP_CONNECT, client);
        client.channel.connect(address);
    }

    /// How many were told to come again.
    int refused() {
        return refused;
    }

    /// Reads until each one's stream has begun.
    public void awaitStreams() throws IOException {
        long start = System.nanoTime();
        while (begun < count) {
            readOn(start);
        }
    }

    /// Reads what there is, or waits a while for more.
    ///
    /// @param start of the whole wait, by [System#nanoTime]
    public void readOn(long start) throws IOException {
        long now = System.nanoTime();
        if (now - start > LONGEST_WAIT) {
            throw new IOException(
                    "%d of %d streams have begun, %d times a client was told to come again"
                            .formatted(begun, count, refused));
        }
        while (!waiting.isEmpty() && waiting.peek().due - now <= 0) {
            Client client = waiting.remove();
            client.head = new AnswerHead();
            client.channel = SocketChannel.open();
            connect(client);
        }
        long look = LONGEST_LOOK_MILLIS;
        if (!waiting.isEmpty()) {
            look = Math.clamp((waiting.peek().due - now) / 1_000_000, 1, LONGEST_LOOK_MILLIS);
        }
        try {
            selector.select(this::serve, look);
        } catch (UncheckedIOException e) {
            throw new IOException(e.getCause());
        }
    }

    private void serve(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            if (key.isConnectable()) {
                client.channel.finishConnect();
                client.channel.write(ByteBuffer.wrap(requests.apply(client.number)));
                key.interestOps(SelectionKey.OP_READ);
            } else {
                read(client);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new IOException("client %d, %s".formatted(client.number, client.head), e));
        }
    }

    private void read(Client client) throws IOException {
        buffer.clear();
        int length = client.channel.read(buffer);
        if (length < 0) {
            throw new IOException("its stream ended");
        }
        int from = 0;
        if (!client.head.isComplete()) {
            from = client.head.take(buffer.array(), 0, length);
            if (!client.head.isComplete()) {
                return;
            }
            Duration pause = client.head.pause();
            if (pause.isPositive()) {
                refused++;
                client.channel.close();
                client.due = System.nanoTime() + pause.toNanos();
                waiting.add(client);
                return;
            }
            begun++;
            connectNext();
        }
        if (from < length) {
            listener.take(client.number, buffer.array(), from, length);
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
