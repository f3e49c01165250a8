package io.fustor.source.mysql.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The one exception for failures of a source. Its message is for a person: it names what is wrong,
/// with numbers, and what to do. It never contains a password or a value of a row.
public final class SourceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final FailureCode code;

    public SourceException(FailureCode code, String message) {
        this(code, message, null);
    }

    public SourceException(FailureCode code, String message, @Nullable Throwable cause) {
        super(PlainText.detail(message), cause);
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
