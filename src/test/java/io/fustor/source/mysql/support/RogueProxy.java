package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;

/// Stands before a real server, and takes its place when a client asks for something that a test
/// has an answer for. Until then every byte is the server's.
public final class RogueProxy implements AutoCloseable {

    private final FakeServer front;
    private final int server;
    private volatile Rogue rogue = Rogue.NONE;

    /// What it does in the server's place.
    public interface Rogue {

        Rogue NONE = (_, _) -> null;

        /// @param number of the client's packet, 0 for its login
        /// @param packet without its header
        /// @return how to answer it, or null where the server does
        Answer to(int number, byte[] packet);
    }

    /// Answers one packet, without end if it likes.
    public interface Answer {
        void write(OutputStream out) throws IOException;
    }

    private RogueProxy(TestMySql mysql) {
        this.server = mysql.port();
        this.front = FakeServer.start(this::hold);
    }

    public static RogueProxy before(TestMySql mysql) {
        return new RogueProxy(mysql);
    }

    /// Without TLS, since it reads what the client says.
    public int port() {
        return front.port();
    }

    public void set(Rogue rogue) {
        this.rogue = rogue;
    }

    private void hold(InputStream in, OutputStream out) throws IOException {
        Rogue now = rogue;
        AtomicBoolean isTaken = new AtomicBoolean();
        try (Socket real = new Socket("127.0.0.1", server)) {
            Thread.ofPlatform().daemon().start(() -> relay(real, out, isTaken));
            for (int number = 0; ; number++) {
                byte[] packet = FakeMySql.read(in);
                Answer answer = now.to(number, packet);
                if (answer != null) {
                    synchronized (isTaken) {
                        isTaken.set(true);
                    }
                    answer.write(out);
                    return;
                }
                // A login's packet is the second one of its conversation.
                real.getOutputStream().write(FakeMySql.packet(number == 0 ? 1 : 0, packet));
            }
        }
    }

    private static void relay(Socket real, OutputStream out, AtomicBoolean isTaken) {
        try {
            byte[] bytes = new byte[64 * 1024];
            while (true) {
                int count = real.getInputStream().read(bytes);
                synchronized (isTaken) {
                    if (count < 0 || isTaken.get()) {
                        return;
                    }
                    out.write(bytes, 0, count);
                }
            }
        } catch (IOException _) {
            // One of both ends is gone.
        }
    }

    @Override
    public void close() {
        front.close();
    }
}
