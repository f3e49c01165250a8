package io.fustor.source.mysql.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The one exception for what goes wrong with a source. Its message is written for a person: it
/// names what is wrong with its numbers and what to do, and never holds a password or a row's
/// value.
public final class SourceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final FailureCode code;

    public SourceException(FailureCode code, String message) {
        this(code, message, null);
    }

    public SourceException(FailureCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// A sentence for a person.
    @Override
    public String getMessage() {
        return Objects.requireNonNullElse(super.getMessage(), code.name());
    }

    public FailureCode code() {
        return code;
    }

    public Recovery recovery() {
        return code.recovery();
    }
}
