package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.tomcat.util.net.AbstractEndpoint;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tomcat's port as the service changes it, without requests.
class GuardedEndpointTests {

    private static final int CONNECTIONS = 20;

    private final Recorder recorder = new Recorder();
    private final GuardedEndpoint endpoint = new GuardedEndpoint();

    /// Closes each connection at its first byte, and keeps what it consisted of.
    private static final class Recorder implements AbstractEndpoint.Handler<NioChannel> {

        private final BlockingQueue<NioChannel> channels = new LinkedBlockingQueue<>();

        @Override
        public SocketState process(SocketWrapperBase<NioChannel> wrapper, SocketEvent event) {
            channels.add(wrapper.getSocket());
            return SocketState.CLOSED;
        }

        @Override
        public Object getGlobal() {
            return this;
        }

        @Override
        public void release(SocketWrapperBase<NioChannel> wrapper) {}

        @Override
        public void pause() {}

        @Override
        public void recycle() {}
    }

    @BeforeEach
    void start() throws Exception {
        endpoint.setName("guarded");
        endpoint.setAddress(InetAddress.getLoopbackAddress());
        endpoint.setPort(0);
        endpoint.setHandler(recorder);
        // What Tomcat chooses by itself with a heap of more than 2 GiB.
        endpoint.setProperty("socket.bufferPool", "500");
        endpoint.init();
        endpoint.start();
    }

    @AfterEach
    void stop() throws Exception {
        endpoint.stop();
        endpoint.destroy();
    }

    @Test
    void noChannelOrBufferOfAConnectionServesAnother() throws Exception {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < CONNECTIONS; i++) {
            NioChannel channel = connectAndLeave();
            assertThat(seen.add(channel)).as("the channel of connection %d is new", i).isTrue();
            assertThat(seen.add(channel.getBufHandler()))
                    .as("the buffers of connection %d are new", i)
                    .isTrue();
        }
    }

    /// Returns when the service has closed the connection.
    private NioChannel connectAndLeave() throws Exception {
        try (Socket client =
                new Socket(InetAddress.getLoopbackAddress(), endpoint.getLocalPort())) {
            client.setSoTimeout(10_000);
            client.getOutputStream().write('x');
            NioChannel channel = recorder.channels.poll(10, TimeUnit.SECONDS);
            assertThat(channel).isNotNull();
            assertThat(client.getInputStream().readAllBytes()).isEmpty();
            return channel;
        }
    }
}
