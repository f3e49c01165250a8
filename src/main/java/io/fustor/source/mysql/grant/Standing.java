package io.fustor.source.mysql.grant;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Whether a grant still stands. Streams under the grant hold it and look at it; the module that
/// knows the caller ends it when the grant is withdrawn or changed. Any thread may call.
public final class Standing {

    private volatile boolean isWithdrawn;
    private volatile @Nullable Instant expires;

    public Standing(@Nullable Instant expires) {
        this.expires = expires;
    }

    /// A standing without an end.
    static Standing always() {
        return new Standing(null);
    }

    /// The grant is withdrawn.
    public void withdraw() {
        isWithdrawn = true;
    }

    /// The grant ends at another moment than before.
    ///
    /// @param end null for never
    public void expireAt(@Nullable Instant end) {
        expires = end;
    }

    /// Whether the grant is over.
    public boolean isOver(Instant now) {
        Instant end = expires;
        return isWithdrawn || (end != null && !now.isBefore(end));
    }
}
