package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.SessionMark;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// Asks a server that sends only heartbeats whether it has nothing to send. After `RESET BINARY
/// LOGS`, a server keeps waiting for the end of a file that no longer exists, and does not report
/// it. The query runs on a separate thread. If the server stalls during the query, the silence of
/// the stream reveals that as quickly as without it.
///
/// For the reader's thread.
final class SilenceCheck {

    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);

    private final MySqlServer server;
    private final BinlogAvailability availability;
    private final boolean isByPosition;
    private final long intervalNanos;

    private long next;
    private @Nullable Place suspected;
    private @Nullable Question asked;

    /// The place of the reader when the server was queried.
    private record Question(Place here, CompletableFuture<Answer> answer) {}

    /// @param isSame whether the query reached the server that the reader reads
    private record Answer(BinlogStatus status, boolean isSame) {}

    /// @param start where the reader started; a reader that started by GTIDs does not see
    ///   transactions that the server skips
    SilenceCheck(MySqlServer server, BinlogAvailability availability, BinlogStart start) {
        this.server = server;
        this.isByPosition =
                !(start instanceof BinlogStart.AfterGtids || start instanceof BinlogStart.RestOf);
        this.availability = availability;
        Duration third = server.access().connection().readTimeout().dividedBy(3);
        this.intervalNanos = Math.min(third.toNanos(), LONGEST_INTERVAL.toNanos());
        this.next = System.nanoTime() + intervalNanos;
    }

    /// Data arrived.
    void heard() {
        suspected = null;
        asked = null;
    }

    /// Nothing arrived for about a second.
    ///
    /// @throws SourceException if the binlog ends before the reader's place, with the code for its
    ///   cause; `CONNECTION_LOST` if it ended after that place twice in a row; the error of the
    ///   server if the query fails
    void silent(BinlogReader reader) {
        Question question = asked;
        if (question != null && question.answer.isDone()) {
            asked = null;
            judge(question.here, answer(question));
        } else if (question == null && isTimeToAsk(reader)) {
            next = System.nanoTime() + intervalNanos;
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            asked = new Question(reader.position(), answer);
            SessionMark mark = reader.mark();
            SupervisedThread.virtual(
                    Work.QUESTION,
                    "silence-check",
                    () -> answer.complete(ask(mark)),
                    answer::completeExceptionally);
        }
    }

    private boolean isTimeToAsk(BinlogReader reader) {
        return next - System.nanoTime() <= 0
                && !reader.hasBuffered()
                && !reader.isReadingPrepared();
    }

    private Answer ask(SessionMark mark) {
        BinlogStatus status = server.status();
        return new Answer(status, server.sees(mark));
    }

    private static Answer answer(Question question) {
        try {
            return question.answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof SourceException failure ? failure : e;
        }
    }

    private void judge(Place here, Answer answer) {
        BinlogStatus status = answer.status();
        Place end = status.place();
        if (!answer.isSame() || end.server() != here.server()) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    server.access().address()
                            + " leads to another server now, "
                            + status.server().uuid());
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
                            + ", and the server sends nothing of it after "
                            + here.fileNumber()
                            + ":"
                            + here.offset());
        } else {
            suspected = here;
        }
    }
}
