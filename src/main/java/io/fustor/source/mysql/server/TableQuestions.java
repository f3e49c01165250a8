package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Queries that open tables and may therefore wait for another session's lock. Each has a
/// connection to itself, so that a waiting caller delays no other. One connection is kept for the
/// next query.
///
/// Any thread may call this. [SqlConnections] limits the server's wait for a lock, and a query ends
/// after [#LONGEST] whatever the server does.
final class TableQuestions implements AutoCloseable {

    /// Servers before 8.0 open every table to describe it.
    static final Duration LONGEST = Duration.ofSeconds(60);

    private static final int MOST = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ServerAccess access;
    private final Semaphore places = new Semaphore(MOST);
    private final AtomicReference<@Nullable Connection> idle = new AtomicReference<>();
    private volatile boolean closed;

    TableQuestions(ServerAccess access) {
        this.access = access;
    }

    /// Runs the query; repeats it once on a new connection if the kept one was lost.
    <T extends @Nullable Object> T ask(Questions.Question<T> question) {
        enter();
        try {
            Connection kept = idle.getAndSet(null);
            if (kept != null) {
                try {
                    return answer(kept, question);
                } catch (SourceException e) {
                    if (e.code() != FailureCode.CONNECTION_LOST) {
                        throw e;
                    }
                }
            }
            return answer(SqlConnections.open(access), question);
        } finally {
            places.release();
        }
    }

    private void enter() {
        if (closed) {
            throw Questions.closed(access);
        }
        try {
            if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new SourceException(
                        FailureCode.TABLE_LOCKED,
                        MOST
                                + " queries about tables wait at "
                                + access.address()
                                + ", for locks of other sessions or because it is slow");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SourceException(
                    FailureCode.CONNECTION_LOST, "interrupted while waiting for the server", e);
        }
    }

    private <T extends @Nullable Object> T answer(Connection open, Questions.Question<T> question) {
        boolean isGood = false;
        try {
            T result = Questions.answer(open, access, LONGEST, question);
            isGood = true;
            return result;
        } catch (SQLException e) {
            throw SqlErrors.translate(e, access);
        } catch (Questions.Unanswered e) {
            throw e.failure();
        } finally {
            if (isGood) {
                keep(open);
            } else {
                Questions.abort(open);
            }
        }
    }

    private void keep(Connection open) {
        if (!idle.compareAndSet(null, open)) {
            Questions.abort(open);
        } else if (closed) {
            close();
        }
    }

    @Override
    public void close() {
        closed = true;
        Connection kept = idle.getAndSet(null);
        if (kept != null) {
            Questions.abort(kept);
        }
    }
}
