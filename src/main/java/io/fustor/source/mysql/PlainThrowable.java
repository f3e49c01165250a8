package io.fustor.source.mysql;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import io.fustor.source.mysql.error.PlainText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An exception for the log, whose messages cannot start new lines.
record PlainThrowable(IThrowableProxy thrown) implements IThrowableProxy {

    private static final int LONGEST_MESSAGE = 4096;

    @Override
    public @Nullable String getMessage() {
        String message = thrown.getMessage();
        return message == null ? null : PlainText.of(message, LONGEST_MESSAGE);
    }

    @Override
    public String getClassName() {
        return thrown.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
        return thrown.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
        return thrown.getCommonFrames();
    }

    @Override
    public @Nullable IThrowableProxy getCause() {
        IThrowableProxy cause = thrown.getCause();
        return cause == null ? null : new PlainThrowable(cause);
    }

    @Override
    public IThrowableProxy[] getSuppressed() {
        return Arrays.stream(thrown.getSuppressed())
                .map(PlainThrowable::new)
                .toArray(IThrowableProxy[]::new);
    }

    @Override
    public boolean isCyclic() {
        return thrown.isCyclic();
    }
}
