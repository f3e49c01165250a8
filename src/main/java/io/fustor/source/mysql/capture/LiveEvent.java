package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.compression.ContentCoding;
import org.jspecify.annotations.Nullable;

/// One event in a live window, with the frames that subscribers made of it. The first subscriber
/// that needs the event in a form encodes it. All others with the same form write the same bytes.
/// The blocks that begin with its frame are kept with it in the same way.
public final class LiveEvent {

    private final BinlogEvent event;
    private final LiveWindow window;

    /// Guarded by this. It is read without the lock, because frames are only added at the head of
    /// the list.
    private volatile @Nullable Frame frames;

    /// Guarded and read as the frames are.
    private volatile @Nullable Hashes hashes;

    /// Guarded and read as the frames are.
    private volatile @Nullable LiveBlock blocks;

    private boolean evicted;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Frame(Object form, byte[] bytes, int rows, @Nullable Frame next) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Hashes(int column, long[] of, @Nullable Hashes next) {}

    LiveEvent(BinlogEvent event, LiveWindow window) {
        this.event = event;
        this.window = window;
    }

    public BinlogEvent event() {
        return event;
    }

    /// The bytes of the event in a form, or null if no subscriber has encoded it yet. They must not
    /// be modified.
    ///
    /// @param form compared by identity
    public byte @Nullable [] frame(Object form) {
        Frame found = find(form);
        return found == null ? null : found.bytes();
    }

    /// How many rows the frame of a form has; 0 where there is none.
    ///
    /// @param form compared by identity
    public int rows(Object form) {
        Frame found = find(form);
        return found == null ? 0 : found.rows();
    }

    @SuppressWarnings("ReferenceEquality")
    private @Nullable Frame find(Object form) {
        for (Frame frame = frames; frame != null; frame = frame.next()) {
            if (frame.form() == form) {
                return frame;
            }
        }
        return null;
    }

    /// The hashes of the values that a column has in the event's rows, or null where no
    /// subscription made them yet. Read them only.
    public long @Nullable [] hashes(int column) {
        for (Hashes made = hashes; made != null; made = made.next()) {
            if (made.column() == column) {
                return made.of();
            }
        }
        return null;
    }

    /// Leaves the hashes of a column's values with the event for others, as [#keepFrame] does with
    /// bytes.
    ///
    /// @param of belong to the event from now on
    public void keepHashes(int column, long[] of) {
        if (!window.hasRoomFor((long) Long.BYTES * of.length)) {
            return;
        }
        synchronized (this) {
            if (evicted || hashes(column) != null) {
                return;
            }
            hashes = new Hashes(column, of, hashes);
        }
        window.grow((long) Long.BYTES * of.length);
    }

    /// Stores the bytes of a form with the event for other subscribers, unless the window has
    /// evicted the event or has no room.
    ///
    /// @param bytes belong to the event from now on
    /// @param rows how many rows of the event are in them
    public void keepFrame(Object form, byte[] bytes, int rows) {
        if (!window.hasRoomFor(bytes.length)) {
            return;
        }
        synchronized (this) {
            if (evicted || frame(form) != null) {
                return;
            }
            frames = new Frame(form, bytes, rows, frames);
        }
        window.grow(bytes.length);
    }

    /// The block that begins with this event, or null if no subscriber has begun one yet.
    ///
    /// @param form compared by identity
    public @Nullable LiveBlock block(Object form, ContentCoding coding) {
        for (LiveBlock block = blocks; block != null; block = block.next()) {
            if (block.isOf(form, coding)) {
                return block;
            }
        }
        return null;
    }

    /// The block that begins with this event, which may have to be made; null if the window has
    /// evicted the event or has no room.
    ///
    /// @param form compared by identity
    /// @param most the size of the block at the most, in bytes
    public @Nullable LiveBlock blockToMake(Object form, ContentCoding coding, int most) {
        LiveBlock found = block(form, coding);
        if (found != null || !window.hasRoomFor(most)) {
            return found;
        }
        synchronized (this) {
            found = block(form, coding);
            if (found == null && !evicted) {
                found = new LiveBlock(this, form, coding, blocks);
                blocks = found;
            }
            return found;
        }
    }

    /// A block of the event has its bytes.
    void made(LiveBlock block, LiveBlock.Made made) {
        boolean isCounted;
        synchronized (this) {
            block.set(made);
            isCounted = !evicted;
        }
        if (isCounted) {
            window.grow(made.block().weight());
        }
    }

    /// Returns the weight of the event with its frames and blocks, in bytes, when the window evicts
    /// it.
    synchronized long evict() {
        evicted = true;
        long weight = event.weight();
        for (Frame frame = frames; frame != null; frame = frame.next()) {
            weight += frame.bytes().length;
        }
        for (Hashes made = hashes; made != null; made = made.next()) {
            weight += (long) Long.BYTES * made.of().length;
        }
        for (LiveBlock block = blocks; block != null; block = block.next()) {
            LiveBlock.Made made = block.made();
            weight += made == null ? 0 : made.block().weight();
        }
        return weight;
    }
}
