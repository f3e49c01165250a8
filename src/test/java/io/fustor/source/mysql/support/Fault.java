package io.fustor.source.mysql.support;

import java.time.Duration;

/// What may befall the bytes that go one way of a connection through a [TcpProxy].
public sealed interface Fault {

    /// One of the two ways of a connection.
    enum Way {
        TO_SERVER,
        TO_CLIENT
    }

    Way way();

    /// The connection is closed at both ends.
    ///
    /// @param bytes that still pass
    /// @param isReset whether by a reset, which also drops what is on its way
    record Cut(Way way, long bytes, boolean isReset) implements Fault {}

    /// Whatever comes is held back for a while before it passes.
    record Delay(Way way, Duration time) implements Fault {}

    /// Nothing passes, and neither side is told, as where a firewall has forgotten the connection.
    record Freeze(Way way) implements Fault {}

    record Throttle(Way way, int bytesPerSecond) implements Fault {}

    /// The receiver is told that nothing more comes, while the other way stays open.
    ///
    /// @param bytes that still pass
    record HalfClose(Way way, long bytes) implements Fault {}

    /// One byte is changed.
    ///
    /// @param bytes that pass unharmed before it
    /// @param mask the bits that change, of the lowest eight
    record Corrupt(Way way, long bytes, int mask) implements Fault {

        public Corrupt {
            if ((mask & 0xFF) == 0) {
                throw new IllegalArgumentException("nothing would change");
            }
        }
    }
}
