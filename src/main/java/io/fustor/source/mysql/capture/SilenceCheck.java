package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// Asks a server that sends a reader nothing but heartbeats whether there is nothing to send. After
/// `RESET BINARY LOGS` a server goes on waiting for the end of a file that is no more, and says so
/// to nobody. The question is asked on a thread of its own: a server that stalls in the middle of
/// it is noticed by the stream's own silence, as soon as without it.
///
/// For the reader's thread.
final class SilenceCheck {

    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);

    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final boolean isByPosition;
    private final long intervalNanos;

    private long next;
    private @Nullable FeedPosition suspected;
    private @Nullable Question asked;

    /// Where the reader was when the server was asked.
    private record Question(FeedPosition here, CompletableFuture<BinlogStatus> answer) {}

    /// @param start where the reader began: what a server passes over for one who asked by GTIDs,
    ///   the reader does not see
    SilenceCheck(MySqlServer server, BinlogAvailability availability, BinlogStart start) {
        this.server = server;
        this.isByPosition = start instanceof BinlogStart.AtPosition;
        this.availability = availability;
        Duration third = server.access().connection().readTimeout().dividedBy(3);
        this.intervalNanos = Math.min(third.toNanos(), LONGEST_INTERVAL.toNanos());
        this.next = System.nanoTime() + intervalNanos;
    }

    /// Something came.
    void heard() {
        suspected = null;
        asked = null;
    }

    /// Nothing came for about a second.
    ///
    /// @throws SourceException where the binlog ends in front of the reader, by what that means;
    ///   `CONNECTION_LOST` where it was behind the reader twice in a row; what the server said
    ///   instead of an answer
    void silent(BinlogReader reader) {
        Question question = asked;
        if (question != null && question.answer.isDone()) {
            asked = null;
            judge(question.here, answer(question));
        } else if (question == null && isTimeToAsk(reader)) {
            next = System.nanoTime() + intervalNanos;
            CompletableFuture<BinlogStatus> answer = new CompletableFuture<>();
            asked = new Question(reader.position(), answer);
            Thread.ofVirtual().name("silence-check").start(() -> ask(answer));
        }
    }

    private boolean isTimeToAsk(BinlogReader reader) {
        return next - System.nanoTime() <= 0
                && !reader.hasBuffered()
                && !reader.isReadingPrepared();
    }

    private void ask(CompletableFuture<BinlogStatus> answer) {
        try {
            answer.complete(server.status());
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private static BinlogStatus answer(Question question) {
        try {
            return question.answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof SourceException failure ? failure : e;
        }
    }

    private void judge(FeedPosition here, BinlogStatus status) {
        FeedPosition end = status.place();
        if (end.server() != here.server()) {
            return;
        }
        if (here.isAfter(end)) {
            availability.locate(here);
        }
        if (!isByPosition || !end.isAfter(here)) {
            suspected = null;
        } else if (here.equals(suspected)) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "the binlog ends at "
                            + status.position()
                            + ", and the server sends nothing of it behind "
                            + here.fileNumber()
                            + ":"
                            + here.offset());
        } else {
            suspected = here;
        }
    }
}
