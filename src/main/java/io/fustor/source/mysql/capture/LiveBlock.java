package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.compression.CompressedBlock;
import io.fustor.source.mysql.compression.ContentCoding;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The frames that one form has of consecutive live events, compressed once for all subscribers
/// with that form and coding. It is kept with its first event. The first subscriber that has
/// gathered the frames decides at which event the block ends. For any thread.
public final class LiveBlock {

    private final LiveEvent first;
    private final Object form;
    private final ContentCoding coding;
    private final @Nullable LiveBlock next;
    private final ReentrantLock making = new ReentrantLock();
    private volatile @Nullable Made made;

    /// A block with its end.
    ///
    /// @param end the sequence number after the last event whose frame is in the block
    public record Made(CompressedBlock block, long end) {}

    /// @param first the event, which counts the block's bytes
    /// @param next another one of the same event
    LiveBlock(LiveEvent first, Object form, ContentCoding coding, @Nullable LiveBlock next) {
        this.first = first;
        this.form = form;
        this.coding = coding;
        this.next = next;
    }

    @SuppressWarnings("ReferenceEquality") // forms are compared by identity
    boolean isOf(Object wanted, ContentCoding by) {
        return form == wanted && coding == by;
    }

    @Nullable LiveBlock next() {
        return next;
    }

    /// The block, or null if it is not made yet.
    public @Nullable Made made() {
        return made;
    }

    /// The block. The first caller compresses its frames; others wait for it. If it fails, the next
    /// one compresses its own.
    ///
    /// @param end the sequence number after the last event whose frame the caller has gathered
    public Made make(Supplier<CompressedBlock> compress, long end) {
        Made found = made;
        if (found != null) {
            return found;
        }
        making.lock();
        try {
            found = made;
            if (found == null) {
                found = new Made(compress.get(), end);
                first.made(this, found);
            }
            return found;
        } finally {
            making.unlock();
        }
    }

    /// For the first event only, which guards it.
    void set(Made compressed) {
        made = compressed;
    }
}
