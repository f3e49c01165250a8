package io.fustor.source.mysql.page;

import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.feed.RequestedForms;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.source.SourceRun;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/// One request for pages.
///
/// @param checked what it asks for
/// @param form of the same
/// @param cursor as the client sent it
record PageCall(
        SourceRun run,
        RequestedForms.Checked checked,
        FrameForm form,
        Sight sight,
        @Nullable String cursor,
        Live live,
        PageRequests.Request registered,
        HttpServletRequest request,
        HttpServletResponse response) {

    /// How a request waits for changes.
    enum Live {
        NONE,
        LONG_POLL,
        SSE;

        static Live of(@Nullable String text) {
            if (text == null || text.isBlank()) {
                return NONE;
            }
            return switch (text) {
                case "long-poll" -> LONG_POLL;
                case "sse" -> SSE;
                default -> throw RequestException.invalid("feed.choice", "live", "long-poll, sse");
            };
        }
    }

    boolean isLongPoll() {
        return live == Live.LONG_POLL;
    }

    /// Whether the request must end now.
    boolean isEnding() {
        return registered.isEnding() || run.endReason() != null;
    }

    /// @throws RequestException `TOKEN_EXPIRED` if the caller's grant is over
    void requireGrant() {
        if (registered.isRevoked()) {
            throw RequestException.refused(RequestCode.TOKEN_EXPIRED, "problem.expired-token");
        }
    }
}
