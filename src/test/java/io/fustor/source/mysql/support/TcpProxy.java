package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// An address that leads to one server and later to another, and whose connections a test can cut:
/// what a load balancer or a moved DNS name is to a client.
public final class TcpProxy implements AutoCloseable {

    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile InetSocketAddress target;

    private TcpProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    }

    public static TcpProxy to(TestMySql mysql) {
        try {
            TcpProxy proxy = new TcpProxy(addressOf(mysql));
            Thread.startVirtualThread(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InetSocketAddress addressOf(TestMySql mysql) {
        return new InetSocketAddress(mysql.host(), mysql.port());
    }

    /// `host:port`.
    public String uri() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /// Cuts all connections; new ones lead to the other server.
    public void redirect(TestMySql mysql) {
        target = addressOf(mysql);
        cut();
    }

    /// Cuts all connections.
    public void cut() {
        sockets.forEach(TcpProxy::close);
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
            onward.connect(target, 5_000);
            Thread back = Thread.startVirtualThread(() -> copy(onward, client));
            copy(client, onward);
            back.join();
        } catch (IOException _) {
            close(client);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException _) {
            // Cut, or closed by one of the two.
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
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
        cut();
    }
}
