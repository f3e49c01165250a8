package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The answer to a query that many callers ask at the same time. All callers that wait until the
/// query is sent share one answer, so that two thousand subscribers cost a few queries and not
/// thousands, one after the other. No caller gets an answer to a query that was sent before it
/// called.
///
/// Any thread may call. A call blocks as long as the query.
final class SharedAnswer<T extends @Nullable Object> {

    private final Function<Runnable, T> query;

    /// The answer to the query that is not sent yet. Guarded by this object.
    private @Nullable CompletableFuture<T> next;

    /// @param query asks the server, and runs its argument right before it sends the query
    SharedAnswer(Function<Runnable, T> query) {
        this.query = query;
    }

    /// The server's answer.
    ///
    /// @throws SourceException if there is none; all callers that share the query receive it
    T get() {
        CompletableFuture<T> answer;
        boolean isFirst;
        synchronized (this) {
            isFirst = next == null;
            answer = next == null ? new CompletableFuture<>() : next;
            next = answer;
        }
        return isFirst ? ask(answer) : await(answer);
    }

    private T ask(CompletableFuture<T> answer) {
        try {
            T result = query.apply(() -> sent(answer));
            answer.complete(result);
            return result;
        } catch (Throwable e) {
            answer.completeExceptionally(e);
            throw e;
        } finally {
            sent(answer);
        }
    }

    /// Callers from now on need another query.
    @SuppressWarnings("ReferenceEquality") // that of this very query
    private synchronized void sent(CompletableFuture<T> answer) {
        if (next == answer) {
            next = null;
        }
    }

    private T await(CompletableFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof SourceException failure)) {
                throw new IllegalStateException(e.getCause());
            }
            if (failure.getCause() instanceof InterruptedException) {
                // Only the thread that asked was to end.
                return query.apply(() -> {});
            }
            throw new SourceException(failure.code(), failure.getMessage(), failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SourceException(
                    FailureCode.CONNECTION_LOST, "interrupted while waiting for the server", e);
        }
    }
}
