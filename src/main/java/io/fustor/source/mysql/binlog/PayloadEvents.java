package io.fustor.source.mysql.binlog;

import java.io.IOException;

/// The events inside a compressed transaction, one by one on request.
///
/// For one thread, except [#close].
sealed interface PayloadEvents extends AutoCloseable permits GradualPayload, WholePayload {

    /// The result of a step.
    enum Step {
        EVENT,
        /// Only the beginning of an event is here; [#readOn] reads the rest.
        LARGE_EVENT,
        /// Nothing arrived within about a second.
        NOTHING,
        END
    }

    /// Moves to the next inner event and points the window at it, or at its beginning.
    ///
    /// @param keep whether the event's bytes must stay valid after the next one is read
    Step next(EventBytes event, boolean keep);

    /// Keeps the bytes of the last event, which is a rows event, unchanged permanently.
    void keep();

    /// Reads more of an event of which only the beginning is here; as [ByteSource#read].
    int readOn(byte[] into, int offset, int most) throws IOException;

    /// Releases memory outside the heap. Any thread may call this; waits for a read to end.
    @Override
    void close();
}
