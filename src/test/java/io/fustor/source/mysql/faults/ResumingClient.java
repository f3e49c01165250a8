package io.fustor.source.mysql.faults;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;

/// A client of a stream of events, which comes again with the last id that it has.
final class ResumingClient extends ReturningClient {

    /// Three heartbeats: on a busy machine an answer may take more than one. An instance that
    /// stands still does so for longer.
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(3);

    private final FeedRequest feed;
    private String token;

    ResumingClient(FeedRequest feed, String token) {
        this(feed, token, true);
    }

    ResumingClient(FeedRequest feed, String token, boolean keepsCopy) {
        super(keepsCopy);
        this.feed = feed.patience(LONGEST_SILENCE);
        this.token = token;
        start();
    }

    @Override
    boolean connectOnce() {
        FeedClient client = send(feed.after(token));
        if (client == null) {
            return false;
        }
        try (client) {
            while (!isOver()) {
                Optional<Frame> frame = client.frameWithin(LONGEST_SILENCE);
                if (frame.isEmpty() || !take(frame.get())) {
                    return true;
                }
            }
        } catch (UncheckedIOException _) {
            // What came whole counts, and the next stream goes on after it.
        }
        return true;
    }

    /// False where nothing more is to come.
    private boolean take(Frame frame) {
        boolean isLast = frame.isControl("error") || frame.isControl("end");
        if (frame.isControl("position_lost")) {
            throw new AssertionError("not expected: " + frame);
        }
        if (frame.isChange()) {
            take(frame.change());
        }
        token = frame.id() == null ? token : frame.id();
        return !isLast;
    }
}
