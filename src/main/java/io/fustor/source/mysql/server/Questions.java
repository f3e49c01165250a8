package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.connection.TimeLimit;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.thread.SupervisedThread;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Queries over one connection, which is opened on first use, reopened after a loss, and used by
/// one caller at a time. Queries that may wait for a table's lock are not allowed here: see
/// [TableQuestions].
///
/// Any thread may call this. A caller waits at most [#LONGEST] each for its turn and for the
/// answer, connecting included, whatever the server does.
final class Questions implements AutoCloseable {

    /// A server can keep every single read within its timeout and still never finish.
    static final Duration LONGEST = Duration.ofSeconds(10);

    private final ServerAccess access;
    private final Duration longest;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Connection connection;
    private boolean closed;
    private volatile long answered = System.nanoTime();

    /// A query on an open connection.
    interface Question<T extends @Nullable Object> {
        T ask(Connection connection) throws SQLException;
    }

    Questions(ServerAccess access) {
        this(access, LONGEST);
    }

    /// @param longest how long a caller waits for its turn, and for its answer
    Questions(ServerAccess access, Duration longest) {
        this.access = access;
        this.longest = longest;
    }

    /// Runs the query; repeats it once on a new connection if the old one was lost.
    <T extends @Nullable Object> T ask(Question<T> question) {
        enter();
        try {
            boolean fresh = connection == null;
            try {
                return answer(question);
            } catch (SourceException e) {
                // An unreadable answer has no such cause: the caller decides whether to ask again.
                boolean isGone =
                        e.code() == FailureCode.CONNECTION_LOST
                                && e.getCause() instanceof SQLException;
                if (fresh || !isGone) {
                    throw e;
                }
            }
            return answer(question);
        } finally {
            lock.unlock();
        }
    }

    private <T extends @Nullable Object> T answer(Question<T> question) {
        try {
            T result = answer(connection(), access, longest, question);
            noteAnswer();
            return result;
        } catch (SQLException e) {
            disconnect();
            throw SqlErrors.translate(e, access);
        } catch (Unanswered e) {
            disconnect();
            throw e.failure();
        }
    }

    /// The failure of a connection that can no longer be used.
    static final class Unanswered extends Exception {
        private static final long serialVersionUID = 1L;

        private final SourceException failure;

        Unanswered(SourceException failure) {
            super(failure);
            this.failure = failure;
        }

        SourceException failure() {
            return failure;
        }
    }

    /// Runs the query on a connection, which is closed when the time is over. Answers have no
    /// checksum, so an answer that makes no sense also ends the connection.
    static <T extends @Nullable Object> T answer(
            Connection open, ServerAccess access, Duration time, Question<T> question)
            throws SQLException, Unanswered {
        try (TimeLimit limit = TimeLimit.start(open, time)) {
            try {
                return question.ask(open);
            } catch (SQLException | IllegalArgumentException | IndexOutOfBoundsException e) {
                if (limit.isOver()) {
                    throw new Unanswered(stalled(access, time, e));
                }
                if (e instanceof SQLException error) {
                    throw error;
                }
                throw new Unanswered(
                        new SourceException(
                                FailureCode.CONNECTION_LOST,
                                access.address() + " returned an unreadable answer",
                                e));
            } finally {
                SqlConnections.settle(open);
            }
        }
    }

    private static SourceException stalled(ServerAccess access, Duration time, Exception cause) {
        return new SourceException(
                FailureCode.SERVER_STALLED,
                access.address()
                        + " did not answer a query within "
                        + time.toMillis() / 1000.0
                        + " s; it is busy, or the network drops packets",
                cause);
    }

    /// Waits for earlier callers, but no longer than they may take themselves.
    private void enter() {
        try {
            if (!lock.tryLock(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new SourceException(
                        FailureCode.SERVER_STALLED,
                        access.address() + " does not answer earlier queries");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SourceException(
                    FailureCode.CONNECTION_LOST, "interrupted while waiting for the server", e);
        }
    }

    private Connection connection() {
        Connection open = connection;
        if (closed) {
            throw closed(access);
        }
        if (open == null) {
            open = SqlConnections.open(access);
            connection = open;
        }
        return open;
    }

    static SourceException closed(ServerAccess access) {
        return new SourceException(
                FailureCode.CONNECTION_LOST,
                "the connection to " + access.address() + " is closed");
    }

    /// Closes the connection, even during a query: the next caller receives a new one. Does not
    /// wait.
    void distrust() {
        Connection open = connection;
        if (open != null) {
            abort(open);
        }
    }

    /// The server has answered, on this connection or on another one.
    void noteAnswer() {
        answered = System.nanoTime();
        SupervisedThread.beat();
    }

    /// When the server last answered, by [System#nanoTime].
    long answered() {
        return answered;
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            abort(open);
        }
    }

    /// Closes a connection without sending anything to the server, which may not respond.
    static void abort(Connection open) {
        try {
            open.abort(Runnable::run);
        } catch (SQLException _) {
            // It is closed already.
        }
    }

    @Override
    public void close() {
        distrust();
        lock.lock();
        try {
            closed = true;
            disconnect();
        } finally {
            lock.unlock();
        }
    }
}
