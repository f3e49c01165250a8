package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A way to a server on which [Fault]s befall connections, and an address that leads to one server
/// and later to another: what networks, firewalls, load balancers and moved DNS names are to a
/// client. It holds little in its own buffers. Any thread may call.
public final class TcpProxy implements AutoCloseable {

    private static final Duration NO_LIMIT = Duration.ofHours(1);

    private final ServerSocket server;
    private final Duration longestSilence;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Queue<Fault> ofTheNext = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition isBroken = lock.newCondition();
    private volatile @Nullable Fault ofAllNext;
    private volatile InetSocketAddress target;
    private volatile long answerLimit = Long.MAX_VALUE;
    private int silenced;

    private TcpProxy(InetSocketAddress target, Duration longestSilence) {
        this.target = target;
        this.longestSilence = longestSilence;
        try {
            server = new ServerSocket();
            server.setReceiveBufferSize(ProxyWay.BUFFER);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(this::accept);
    }

    public static TcpProxy to(TestMySql mysql) {
        return new TcpProxy(addressOf(mysql), NO_LIMIT);
    }

    /// Leads to a port of this machine.
    public static TcpProxy toPort(int port) {
        return new TcpProxy(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), NO_LIMIT);
    }

    /// Leads to a server, and closes connections on which nothing passes for so long.
    public static TcpProxy withoutPatience(TestMySql mysql, Duration longestSilence) {
        return new TcpProxy(addressOf(mysql), longestSilence);
    }

    private static InetSocketAddress addressOf(TestMySql mysql) {
        return new InetSocketAddress(mysql.host(), mysql.port());
    }

    /// `host:port`.
    public String uri() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /// The same address, but through this proxy.
    public URI through(URI direct) {
        return URI.create("http://" + uri() + direct.getRawPath());
    }

    /// The same request, but through this proxy.
    public FeedRequest through(FeedRequest direct) {
        return new FeedRequest(
                through(direct.uri()),
                direct.parameters(),
                direct.headers(),
                direct.receiveBuffer(),
                direct.bytesPerSecond(),
                direct.patience());
    }

    /// Cuts all connections; new ones lead to the other server.
    public void redirect(TestMySql mysql) {
        target = addressOf(mysql);
        cut();
    }

    /// Cuts all connections.
    public void cut() {
        connections.forEach(Connection::close);
    }

    /// Lets a fault befall all connections that are open now.
    public void inject(Fault fault) {
        connections.forEach(connection -> connection.inject(fault));
    }

    /// Lets a fault befall all connections, those that are open and those to come, until [#heal].
    public void injectAll(Fault fault) {
        ofAllNext = fault;
        inject(fault);
    }

    /// Lets a fault befall the next connection, from its first byte on.
    public void injectNext(Fault fault) {
        ofTheNext.add(fault);
    }

    /// Ends delays, freezes and throttling, and forgets what would befall the next connection.
    public void heal() {
        ofTheNext.clear();
        ofAllNext = null;
        connections.forEach(Connection::heal);
    }

    /// Connections that begin from now on break when so many bytes of the answer have passed.
    public void breakAfter(long bytes) {
        answerLimit = bytes;
    }

    /// How many connections there have been.
    public int accepted() {
        return accepted.get();
    }

    /// How many bytes have passed one way on the connections that are open.
    public long passed(Fault.Way way) {
        return connections.stream().mapToLong(connection -> connection.way(way).passed()).sum();
    }

    /// Waits until a connection was closed because nothing passed on it; says whether that came in
    /// time.
    public boolean awaitSilence(Duration longest) throws InterruptedException {
        long left = longest.toNanos();
        lock.lock();
        try {
            int before = silenced;
            while (silenced == before && left > 0) {
                left = isBroken.awaitNanos(left);
            }
            return silenced > before;
        } finally {
            lock.unlock();
        }
    }

    private void noteSilence() {
        lock.lock();
        try {
            silenced++;
            isBroken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Connection connection = new Connection(server.accept(), new Socket());
                connections.add(connection);
                accepted.incrementAndGet();
                Thread.startVirtualThread(connection::run);
            } catch (IOException _) {
                return;
            }
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException _) {
            // Nothing is left to do.
        }
        cut();
    }

    private final class Connection implements ProxyWay.Silence {

        private final Socket client;
        private final Socket onward;
        private final ProxyWay there;
        private final ProxyWay back;
        private volatile long lastPassed = System.nanoTime();

        Connection(Socket client, Socket onward) {
            this.client = client;
            this.onward = onward;
            this.there = new ProxyWay(client, onward, this);
            this.back = new ProxyWay(onward, client, this);
        }

        void run() {
            try {
                connect();
                Thread answers = Thread.startVirtualThread(() -> copy(back));
                copy(there);
                answers.join();
            } catch (IOException _) {
                close();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        private void connect() throws IOException {
            int tick = (int) Math.max(1, longestSilence.toMillis() / 4);
            for (Socket socket : Arrays.asList(client, onward)) {
                socket.setSendBufferSize(ProxyWay.BUFFER);
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(tick);
            }
            onward.setReceiveBufferSize(ProxyWay.BUFFER);
            if (answerLimit < Long.MAX_VALUE) {
                inject(new Fault.Cut(Fault.Way.TO_CLIENT, answerLimit, false));
            }
            for (Fault fault : Arrays.asList(ofTheNext.poll(), ofAllNext)) {
                if (fault != null) {
                    inject(fault);
                }
            }
            onward.connect(target, 5_000);
        }

        private void copy(ProxyWay way) {
            way.copy();
            close();
        }

        ProxyWay way(Fault.Way way) {
            return way == Fault.Way.TO_SERVER ? there : back;
        }

        void inject(Fault fault) {
            way(fault.way()).inject(fault);
        }

        void heal() {
            there.heal();
            back.heal();
        }

        void close() {
            connections.remove(this);
            there.end();
            back.end();
            ProxyWay.close(false, client, onward);
        }

        @Override
        public void broken() {
            lastPassed = System.nanoTime();
        }

        @Override
        public boolean isTooLong() {
            long silent = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastPassed);
            boolean isTooLong = silent >= longestSilence.toMillis();
            if (isTooLong) {
                noteSilence();
            }
            return isTooLong;
        }
    }
}
