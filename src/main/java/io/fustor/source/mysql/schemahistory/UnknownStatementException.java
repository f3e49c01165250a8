package io.fustor.source.mysql.schemahistory;

/// A statement contains syntax that the parser does not know. Never leaves [DdlParser].
final class UnknownStatementException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnknownStatementException(String why) {
        super(why);
    }
}
