package org.apache.coyote.http2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.net.SocketWrapperBase.BlockingMode;
import org.jspecify.annotations.Nullable;

/// Tomcat's HTTP/2 connection that tells its [Http2Watch] what happens.
final class WatchedConnection extends Http2AsyncUpgradeHandler implements Http2Connection {

    /// The first byte of our own pings; Tomcat's have 0 there.
    private static final byte OWN = 1;

    private @Nullable Http2Watch watch;

    /// @param request of the upgrade; null where the connection began with HTTP/2
    @SuppressWarnings("NullAway") // Tomcat takes null here, but its package is ours and marked
    WatchedConnection(
            Http2Protocol protocol,
            Adapter adapter,
            @Nullable Request request,
            SocketWrapperBase<?> socketWrapper) {
        super(protocol, adapter, request, socketWrapper);
    }

    /// Called once, before the first frame.
    void watch(Http2Watch observer) {
        watch = observer;
    }

    private Http2Watch watch() {
        return Objects.requireNonNull(watch);
    }

    /// Tomcat has read the settings of an upgrade by now (`HTTP2-Settings`), but made its stream
    /// before, with the window of a client without settings. A client that allows more would wait
    /// for bytes that Tomcat does not send.
    @Override
    protected void writeSettings() {
        Stream upgraded = getStream(1);
        if (upgraded != null) {
            upgraded.setWindowSize(getRemoteSettings().getInitialWindowSize());
        }
        super.writeSettings();
    }

    @Override
    public void settingsEnd(boolean ack) throws IOException {
        watch().settled();
        super.settingsEnd(ack);
    }

    @Override
    public HpackDecoder.HeaderEmitter headersStart(int streamId, boolean headersEndStream)
            throws Http2Exception, IOException {
        var emitter = super.headersStart(streamId, headersEndStream);
        if (emitter instanceof Stream stream) {
            watch().headBegan(new Http2Stream(stream));
        }
        return emitter;
    }

    @Override
    public void headersEnd(int streamId, boolean endOfStream) throws Http2Exception {
        watch().headEnded();
        super.headersEnd(streamId, endOfStream);
    }

    @Override
    protected void processStreamOnContainerThread(Stream stream) {
        var opened = new Http2Stream(stream);
        if (watch().begins(opened)) {
            super.processStreamOnContainerThread(stream);
        } else {
            opened.reset(Http2Stream.Reason.REFUSED);
            // The service's own refusals are no misbehaviour of the client.
            increaseOverheadCount(FrameType.RST, -getProtocol().getOverheadResetFactor());
        }
    }

    /// Resets a stream that is not over. For one that the client has reset, Tomcat would send a
    /// reset as well, once the thread that serves it notices. The protocol forbids that (RFC 9113,
    /// 5.4.2), and it would count against the client a second time.
    ///
    /// @param state null for a stream that Tomcat does not know any more
    @SuppressWarnings("NullAway") // Tomcat takes null here, but its package is ours and marked
    @Override
    void sendStreamReset(@Nullable StreamStateMachine state, StreamException why)
            throws IOException {
        if (state == null || state.isActive()) {
            super.sendStreamReset(state, why);
        }
    }

    @Override
    public void ping(int number) {
        byte[] payload = new byte[8];
        payload[0] = OWN;
        ByteUtil.set31Bits(payload, 4, number);
        socketWrapper.write(
                BlockingMode.SEMI_BLOCK,
                protocol.getWriteTimeout(),
                TimeUnit.MILLISECONDS,
                null,
                SocketWrapperBase.COMPLETE_WRITE,
                null,
                ByteBuffer.wrap(PING),
                ByteBuffer.wrap(payload));
    }

    @Override
    public void pingReceive(byte[] payload, boolean ack) throws IOException {
        if (ack && payload[0] == OWN) {
            watch().answered(ByteUtil.get31Bits(payload, 4));
        } else {
            super.pingReceive(payload, ack);
        }
    }
}
