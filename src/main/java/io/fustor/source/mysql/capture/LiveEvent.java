package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.change.BinlogEvent;
import org.jspecify.annotations.Nullable;

/// One event in a live window, with the frames that subscribers made of it: whoever first needs an
/// event in some form encodes it, and all others with the same selection write the same bytes.
public final class LiveEvent {

    private final BinlogEvent event;
    private final LiveWindow window;

    /// Guarded by this; read without the lock, since a list is only ever put in front of.
    private volatile @Nullable Frame frames;

    private boolean evicted;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Frame(Object form, byte[] bytes, @Nullable Frame next) {}

    LiveEvent(BinlogEvent event, LiveWindow window) {
        this.event = event;
        this.window = window;
    }

    public BinlogEvent event() {
        return event;
    }

    /// The bytes that somebody made of the event in a form, or null where nobody did yet. Read them
    /// only.
    ///
    /// @param form compared by identity
    @SuppressWarnings("ReferenceEquality")
    public byte @Nullable [] frame(Object form) {
        for (Frame frame = frames; frame != null; frame = frame.next()) {
            if (frame.form() == form) {
                return frame.bytes();
            }
        }
        return null;
    }

    /// Leaves the bytes of a form with the event for others, unless the window has let go of it or
    /// has no room for them.
    ///
    /// @param bytes belong to the event from now on
    public void keepFrame(Object form, byte[] bytes) {
        if (!window.hasRoomFor(bytes.length)) {
            return;
        }
        synchronized (this) {
            if (evicted || frame(form) != null) {
                return;
            }
            frames = new Frame(form, bytes, frames);
        }
        window.grow(bytes.length);
    }

    /// What the event and its frames weigh, in bytes, when the window lets go of it.
    synchronized long evict() {
        evicted = true;
        long weight = event.weight();
        for (Frame frame = frames; frame != null; frame = frame.next()) {
            weight += frame.bytes().length;
        }
        return weight;
    }
}
