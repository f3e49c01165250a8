package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Phaser;

/// A server that can nothing but write the same frame to every client, on a virtual thread each:
/// what a fan-out on this machine cannot be faster than.
final class BareServer implements AutoCloseable {

    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: begins\n\n";

    private final ServerSocket server =
            new ServerSocket(0, 4096, InetAddress.ofLiteral("127.0.0.1"));
    private final byte[] piece;
    private final int pieces;

    /// Moves on with every round; the one who starts rounds is a party too.
    private final Phaser rounds = new Phaser(1);

    /// @param frameSize of each frame in bytes
    /// @param frames that every client gets in a round
    /// @param together how many of them are written at once
    BareServer(int frameSize, int frames, int together) throws IOException {
        byte[] frame = new byte[frameSize];
        Arrays.fill(frame, (byte) 'x');
        frame[0] = BenchmarkTable.MARK;
        frame[frameSize - 2] = '\n';
        frame[frameSize - 1] = '\n';
        piece = new byte[frameSize * together];
        for (int i = 0; i < together; i++) {
            System.arraycopy(frame, 0, piece, i * frameSize, frameSize);
        }
        pieces = frames / together;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// Lets every client have its frames.
    void startRound() {
        rounds.arrive();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                rounds.register();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException _) {
            // Closed, which is how it ends.
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            client.getInputStream().read(new byte[1024]);
            OutputStream out = client.getOutputStream();
            out.write(HEAD.getBytes(StandardCharsets.US_ASCII));
            while (rounds.arriveAndAwaitAdvance() >= 0) {
                for (int i = 0; i < pieces; i++) {
                    out.write(piece);
                }
            }
        } catch (IOException _) {
            rounds.arriveAndDeregister();
        }
    }

    @Override
    public void close() throws IOException {
        rounds.forceTermination();
        server.close();
    }
}
