package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A server on a port of 127.0.0.1 that does to each client what a test says, and closes the
/// connection when it has.
public final class FakeServer implements AutoCloseable {

    /// What happens to a connection; an error of the network ends it.
    public interface Conversation {
        void hold(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket listener;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    private FakeServer(ServerSocket listener) {
        this.listener = listener;
    }

    public static FakeServer start(Conversation conversation) {
        try {
            var server =
                    new FakeServer(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")));
            Thread.ofPlatform().daemon().start(() -> server.accept(conversation));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(Conversation conversation) {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                sockets.add(socket);
                Thread.ofPlatform().daemon().start(() -> hold(conversation, socket));
            } catch (IOException _) {
                return;
            }
        }
    }

    private static void hold(Conversation conversation, Socket socket) {
        try (socket) {
            conversation.hold(socket.getInputStream(), socket.getOutputStream());
        } catch (IOException _) {
            // The client went away, as it should.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (var socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
