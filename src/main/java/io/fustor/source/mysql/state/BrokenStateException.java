package io.fustor.source.mysql.state;

/// The state database does not let the service start. Message and remedy are sentences for a
/// person; they replace the stack trace.
final class BrokenStateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String remedy;

    BrokenStateException(String message, String remedy, Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
    }

    BrokenStateException(String message, String remedy) {
        super(message);
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }
}
