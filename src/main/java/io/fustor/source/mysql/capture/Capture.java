package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.server.ServerAccess;
import java.time.Instant;

/// One shared instance.
public final class Capture implements AutoCloseable {

    private final ServerAccess access;
    private final CaptureState state = new CaptureState.Stopped(Instant.now());

    Capture(ServerAccess access, RetryPolicy retry) {
        this.access = access;
    }

    public ServerAccess access() {
        return access;
    }

    public CaptureState state() {
        return state;
    }

    @Override
    public void close() {}
}
