package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/// Makes a connection once at start, so that its classes and files are loaded. On first use they
/// might be loaded when no file descriptor is free, and a class whose loading failed once stays
/// broken until the process ends.
@Component
class WarmConnections implements SmartInitializingSingleton {

    private static final Logger LOG = LoggerFactory.getLogger(WarmConnections.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int SHORTEST_WAIT_MILLIS = 10;

    @Override
    public void afterSingletonsInstantiated() {
        try {
            SSLContext.getDefault().createSSLEngine().getSupportedProtocols();
            new SecureRandom().nextBytes(new byte[16]);
            connectToNothing();
            waitOnVirtualThread();
        } catch (NoSuchAlgorithmException | IOException | SQLException | RuntimeException e) {
            // This only makes later failures less likely; the start continues without it.
            LOG.warn("warm=failed reason={}", e.toString());
        }
    }

    /// Connects by name, to prepare the resolver as well; the port was free a moment ago.
    private static void connectToNothing() throws IOException, SQLException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        ServerAccess nothing =
                new ServerAccess(
                        new ServerAddress("localhost", port),
                        new Credential("warm", ""),
                        new ConnectionProperties(PATIENCE, PATIENCE, TlsMode.PREFERRED, null, ""));
        try {
            SqlConnections.open(nothing).close();
        } catch (SourceException e) {
            LOG.debug("warm=done code={}", e.code());
        }
    }

    /// What wakes virtual threads that wait for a socket has files of its own, which the first such
    /// thread opens (`sun.nio.ch.Poller`).
    private static void waitOnVirtualThread() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket silent = new ServerSocket(0, 1, loopback);
                Socket client = new Socket(loopback, silent.getLocalPort())) {
            client.setSoTimeout(SHORTEST_WAIT_MILLIS);
            CountDownLatch over = new CountDownLatch(1);
            SupervisedThread.virtual(
                    Work.TASK,
                    "warm",
                    () -> {
                        readInVain(client);
                        over.countDown();
                    });
            if (!over.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("a virtual thread does not wake up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void readInVain(Socket client) {
        try {
            LOG.debug("warm=read result={}", client.getInputStream().read());
        } catch (IOException e) {
            LOG.debug("warm=waited reason={}", e.getMessage());
        }
    }
}
