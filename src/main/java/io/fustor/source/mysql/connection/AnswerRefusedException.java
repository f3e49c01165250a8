package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// Carries a refusal through a driver, which expects only an [IOException] from its socket.
public final class AnswerRefusedException extends IOException {

    @Serial private static final long serialVersionUID = 1L;

    private final transient SourceException refusal;

    AnswerRefusedException(SourceException refusal) {
        super(refusal.getMessage(), refusal);
        this.refusal = refusal;
    }

    /// The refusal among a failure's causes, or null if there is none.
    public static @Nullable SourceException in(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AnswerRefusedException refused) {
                return refused.refusal;
            }
        }
        return null;
    }
}
