package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A way to a server that breaks: after so many bytes of its answer, or when no byte has passed for
/// a while, as firewalls and load balancers do it. Holds little in its own buffers.
public final class FragileProxy implements AutoCloseable {

    private static final int BUFFER = 16_384;

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final Duration longestSilence;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition isBroken = lock.newCondition();
    private volatile long answerLimit = Long.MAX_VALUE;
    private int silenced;

    private FragileProxy(InetSocketAddress target, Duration longestSilence) {
        this.target = target;
        this.longestSilence = longestSilence;
        try {
            server = new ServerSocket();
            server.setReceiveBufferSize(BUFFER);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(this::accept);
    }

    /// Leads to a port of this machine, and breaks where [#breakAfter] says.
    public static FragileProxy toPort(int port) {
        return new FragileProxy(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Duration.ofHours(1));
    }

    /// Leads to a server, and closes connections on which nothing passes for so long.
    public static FragileProxy withoutPatience(TestMySql mysql, Duration longestSilence) {
        return new FragileProxy(new InetSocketAddress(mysql.host(), mysql.port()), longestSilence);
    }

    /// `host:port`.
    public String uri() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /// The same address, but through this proxy.
    public URI through(URI direct) {
        return URI.create("http://" + uri() + direct.getRawPath());
    }

    /// Connections that begin from now on break when so many bytes of the answer have passed.
    public void breakAfter(long bytes) {
        answerLimit = bytes;
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

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.startVirtualThread(() -> connect(client));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        try (Socket onward = new Socket()) {
            sockets.add(client);
            sockets.add(onward);
            onward.setReceiveBufferSize(BUFFER);
            onward.setSendBufferSize(BUFFER);
            client.setSendBufferSize(BUFFER);
            client.setTcpNoDelay(true);
            onward.setTcpNoDelay(true);
            onward.connect(target, 5_000);
            AtomicLong lastPassed = new AtomicLong(System.nanoTime());
            long limit = answerLimit;
            Thread back = Thread.startVirtualThread(() -> copy(onward, client, limit, lastPassed));
            copy(client, onward, Long.MAX_VALUE, lastPassed);
            back.join();
        } catch (IOException _) {
            close(client);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void copy(Socket from, Socket to, long limit, AtomicLong lastPassed) {
        try {
            from.setSoTimeout((int) Math.max(1, longestSilence.toMillis() / 4));
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER];
            for (long left = limit; left > 0; ) {
                int count = read(in, buffer, (int) Math.min(left, BUFFER), lastPassed);
                if (count < 0) {
                    return;
                }
                out.write(buffer, 0, count);
                lastPassed.set(System.nanoTime());
                left -= count;
            }
        } catch (IOException _) {
            // Closed by one of the two, or broken on purpose.
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private int read(InputStream in, byte[] buffer, int most, AtomicLong lastPassed)
            throws IOException {
        while (true) {
            try {
                return in.read(buffer, 0, most);
            } catch (SocketTimeoutException e) {
                long silence = System.nanoTime() - lastPassed.get();
                if (TimeUnit.NANOSECONDS.toMillis(silence) >= longestSilence.toMillis()) {
                    noteSilence();
                    throw e;
                }
            }
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

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // Nothing is left to do.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException _) {
            // Nothing is left to do.
        }
        sockets.forEach(FragileProxy::close);
    }
}
