package io.fustor.source.mysql.history;

/// A statement that the parser let through says something that is not known here. It never leaves
/// [DdlParser].
final class UnknownStatementException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownStatementException(String why) {
        super(why);
    }
}
