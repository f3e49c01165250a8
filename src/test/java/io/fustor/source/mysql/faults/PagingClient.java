package io.fustor.source.mysql.faults;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A client of pages, which asks for each next one as soon as there is any, and comes again with
/// the last offset that it has.
final class PagingClient extends ReturningClient {

    /// Longer than a page may wait for a change.
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(30);

    private final FeedRequest pages;
    private String offset;

    /// @param offset or a token, which is one too
    PagingClient(FeedRequest pages, String offset, boolean keepsCopy) {
        super(keepsCopy);
        this.pages = pages.with("live", "long-poll").patience(LONGEST_SILENCE);
        this.offset = offset;
        start();
    }

    @Override
    boolean connectOnce() {
        FeedClient answer = send(pages.with("offset", offset).header("Connection", "close"));
        if (answer == null) {
            return false;
        }
        try (answer) {
            String next = Objects.requireNonNull(answer.header("stream-next-offset"));
            String page = answer.status() == 200 ? wholeBody(answer) : "";
            if (page == null) {
                return true;
            }
            // An element is a line.
            page.lines()
                    .filter(line -> line.startsWith("{"))
                    .map(line -> line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
                    .forEach(line -> take(ChangeEvent.parse(line)));
            offset = next;
            return true;
        }
    }

    /// Null where it was cut off: the same page is asked for again.
    private static @Nullable String wholeBody(FeedClient answer) {
        try {
            return answer.body();
        } catch (UncheckedIOException | AssertionError _) {
            return null;
        }
    }
}
