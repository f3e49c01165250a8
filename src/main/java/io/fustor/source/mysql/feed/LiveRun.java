package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.LiveBlock;
import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.compression.BlockCompressors;
import io.fustor.source.mysql.compression.CompressedBlock;
import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.JsonBuffer;
import org.jspecify.annotations.Nullable;

/// Whether a client's gathered bytes are exactly the frames that its form has of consecutive live
/// events. Such frames are compressed once for all clients with the same form and coding
/// ([LiveBlock]).
///
/// A run begins with a frame that is gathered into an empty buffer. It is over when the buffer is
/// emptied. Anything else that is gathered makes the buffer larger than the run, so that the bytes
/// are compressed for this client alone. For the subscription's thread.
final class LiveRun {

    private final FrameForm form;
    private final ContentCoding coding;
    private final BlockCompressors compressors;

    private @Nullable LiveEvent first;
    private int bytes;

    /// The sequence number after the last event that the run includes.
    private long end;

    /// @param form compared by identity
    /// @param coding not the identity
    LiveRun(FrameForm form, ContentCoding coding, BlockCompressors compressors) {
        this.form = form;
        this.coding = coding;
        this.compressors = compressors;
    }

    /// The frame of an event was gathered.
    ///
    /// @param before how many bytes were gathered before it
    void gathered(LiveEvent live, long sequence, int before, int length) {
        if (before == 0) {
            first = live;
            bytes = 0;
        }
        bytes += length;
        end = sequence + 1;
    }

    /// All events before a sequence number were passed, and those without a frame have none for
    /// every client with this form.
    void passedTo(long sequence) {
        end = sequence;
    }

    /// The gathered bytes were sent, or what follows in them is not what others gather.
    void end() {
        first = null;
    }

    private boolean isAllOf(@Nullable JsonBuffer gathered) {
        return first != null && gathered != null && gathered.size() == bytes;
    }

    /// Whether the gathered bytes should be written now although the next event is there: other
    /// clients' block ends here, or one begins here.
    boolean isDueBefore(LiveEvent next, @Nullable JsonBuffer gathered) {
        LiveEvent start = first;
        if (start == null || !isAllOf(gathered)) {
            return false;
        }
        LiveBlock.Made begun = made(start);
        return begun != null ? begun.end() == end : made(next) != null;
    }

    private LiveBlock.@Nullable Made made(LiveEvent start) {
        LiveBlock block = start.block(form, coding);
        return block == null ? null : block.made();
    }

    /// Whether other clients' block begins with the gathered bytes and goes on after them, so that
    /// more should be gathered. Makes the block if there is none.
    boolean goesOn(@Nullable JsonBuffer gathered) {
        LiveBlock.Made made = gathered == null ? null : make(gathered);
        return made != null && made.end() > end;
    }

    /// The block of the gathered bytes, or null if they are for this client alone.
    @Nullable CompressedBlock block(JsonBuffer gathered) {
        LiveBlock.Made made = make(gathered);
        return made != null && made.end() == end ? made.block() : null;
    }

    private LiveBlock.@Nullable Made make(JsonBuffer gathered) {
        LiveEvent start = first;
        return start == null || !isAllOf(gathered)
                ? null
                : make(start, gathered.array(), gathered.size(), end);
    }

    private LiveBlock.@Nullable Made make(LiveEvent start, byte[] from, int size, long last) {
        LiveBlock block = start.blockToMake(form, coding, size);
        return block == null
                ? null
                : block.make(() -> compressors.compressShared(coding, from, 0, size), last);
    }

    /// The block of one large frame.
    CompressedBlock block(byte[] frame, LiveEvent live, long sequence) {
        LiveBlock.Made made = make(live, frame, frame.length, sequence + 1);
        return made != null && made.end() == sequence + 1
                ? made.block()
                : compressors.compressShared(coding, frame, 0, frame.length);
    }
}
