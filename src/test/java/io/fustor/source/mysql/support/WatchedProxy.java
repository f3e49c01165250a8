package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A way to a server that can go mute, as a network does that drops packets: connections stay open
/// and nothing passes. It also notes by which server ids its clients asked for the binlog.
public final class WatchedProxy implements AutoCloseable {

    private static final int HEADER = 4;
    private static final int COM_BINLOG_DUMP = 0x12;

    /// After the command: an offset of four bytes, flags of two.
    private static final int SERVER_ID_AT = HEADER + 1 + 6;

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<Long> replicaIds = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition spoke = lock.newCondition();
    private boolean isMute;

    private WatchedProxy(InetSocketAddress target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(this::accept);
    }

    public static WatchedProxy to(TestMySql mysql) {
        return new WatchedProxy(new InetSocketAddress(mysql.host(), mysql.port()));
    }

    /// `host:port`.
    public String uri() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /// The server ids of those who asked for the binlog by file and offset, in their order.
    public List<Long> replicaIds() {
        return List.copyOf(replicaIds);
    }

    /// From now on nothing passes; what was on its way is lost with its connection.
    public void mute() {
        setMute(true);
    }

    /// New connections get through again; those from before end.
    public void unmute() {
        sockets.forEach(WatchedProxy::close);
        setMute(false);
    }

    private void setMute(boolean mute) {
        lock.lock();
        try {
            isMute = mute;
            spoke.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitSpeech() throws InterruptedException {
        lock.lock();
        try {
            while (isMute) {
                spoke.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                sockets.add(client);
                Thread.startVirtualThread(() -> connect(client));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        try (Socket onward = new Socket()) {
            awaitSpeech();
            sockets.add(onward);
            onward.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            onward.connect(target, 5_000);
            Thread back = Thread.startVirtualThread(() -> copy(onward, client, false));
            copy(client, onward, true);
            back.join();
        } catch (IOException _) {
            close(client);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void copy(Socket from, Socket to, boolean isClient) {
        byte[] buffer = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int count;
            while ((count = in.read(buffer)) >= 0) {
                awaitSpeech();
                if (isClient) {
                    note(buffer, count);
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException _) {
            // Ended by one of the two, or by the test.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /// A command is a packet of its own, and small.
    private void note(byte[] bytes, int count) {
        if (count > SERVER_ID_AT + HEADER && bytes[HEADER] == COM_BINLOG_DUMP) {
            long id = 0;
            for (int i = 3; i >= 0; i--) {
                id = id << 8 | (bytes[SERVER_ID_AT + i] & 0xFF);
            }
            replicaIds.add(id);
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
        close(server);
        unmute();
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // Nothing is left to do.
        }
    }
}
