package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.TruncateEvent;

/// Writes the frames of commits and truncations, which have no rows.
///
/// For the encoder's thread.
final class TransactionFrames {

    private final FrameWriter frames;

    TransactionFrames(FrameWriter frames) {
        this.frames = frames;
    }

    /// @param token of the place after the transaction
    /// @param rows how many of the transaction's rows the subscriber may see
    void commit(CommitEvent commit, String token, long rows, JsonBuffer out) {
        frames.startControl(out, "commit", token);
        out.ascii("\"transaction\":{\"id\":");
        out.string(commit.transaction().id());
        out.ascii(",\"rows\":");
        out.number(rows);
        out.put('}');
        ChangeMetadata.gtidAndFile(commit.transaction(), out);
        out.number(commit.after().offset());
        ChangeMetadata.timestamp(commit, out);
        out.put('}');
        frames.end(out);
    }

    /// @param token of the place after the truncation
    void truncate(TruncateEvent truncate, String token, JsonBuffer out) {
        frames.startControl(out, "truncate", token);
        ChangeMetadata.truncation(truncate, out);
        frames.end(out);
    }
}
