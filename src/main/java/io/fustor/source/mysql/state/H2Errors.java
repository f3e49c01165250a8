package io.fustor.source.mysql.state;

import java.sql.SQLException;

/// What H2's error numbers (`org.h2.api.ErrorCode`) say about its file.
final class H2Errors {

    private static final int GENERAL = 50000;
    private static final int IN_USE = 90020;
    private static final int IO = 90028;
    private static final int CORRUPTED = 90030;
    private static final int IO_OF_A_FILE = 90031;
    private static final int OTHER_VERSION = 90048;
    private static final int CLOSED = 90098;
    private static final int CLOSED_AT_EXIT = 90121;

    private H2Errors() {}

    /// Whether the file or the disk failed.
    static boolean isOfFile(SQLException e) {
        return switch (e.getErrorCode()) {
            case GENERAL, IO, CORRUPTED, OTHER_VERSION, CLOSED, CLOSED_AT_EXIT -> true;
            default -> false;
        };
    }

    /// Whether another process has the file.
    static boolean isInUse(SQLException e) {
        return e.getErrorCode() == IN_USE;
    }

    /// Whether a file other than the database failed, such as the target of a script.
    static boolean isOfScript(SQLException e) {
        return e.getErrorCode() == IO_OF_A_FILE;
    }
}
