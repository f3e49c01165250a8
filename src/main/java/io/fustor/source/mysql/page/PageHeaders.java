package io.fustor.source.mysql.page;

import static org.springframework.http.HttpHeaders.IF_NONE_MATCH;

import io.fustor.source.mysql.grant.BearerToken;
import io.fustor.source.mysql.grant.Sight;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/// The headers of a page's answer.
final class PageHeaders {

    static final String NEXT_OFFSET = "Stream-Next-Offset";
    static final String UP_TO_DATE = "Stream-Up-To-Date";
    static final String CURSOR = "Stream-Cursor";

    /// How long a shared cache may keep an answer that more changes will follow. Callers that wait
    /// for the same answer receive it from the cache within this time.
    private static final int SHORT_SECONDS = 2;

    /// Without the mark of a weak one: for reading, it is as good as a strong one.
    private static final Pattern TAG = Pattern.compile("\"[^\"]*\"");

    private final HttpServletRequest request;
    private final HttpServletResponse response;

    PageHeaders(HttpServletRequest request, HttpServletResponse response) {
        this.request = request;
        this.response = response;
    }

    /// @param isUpToDate whether the binlog had no more
    void next(String offset, boolean isUpToDate) {
        response.setHeader(NEXT_OFFSET, offset);
        if (isUpToDate) {
            response.setHeader(UP_TO_DATE, "true");
        }
    }

    void cursor(@Nullable String given) {
        response.setHeader(CURSOR, nextCursor(given));
    }

    static String nextCursor(@Nullable String given) {
        return PageCursor.next(given, Instant.now(), ThreadLocalRandom.current());
    }

    /// What caches may do. A shared cache may keep an answer only if the grant says so and the
    /// caller showed it in the header by which caches tell callers apart.
    ///
    /// @param maxAge how long caches may keep a page that stays right
    void caching(Sight sight, Reuse reuse, Duration maxAge, Instant now) {
        boolean isShared =
                sight.isLimited()
                        && sight.grant().sharedCache()
                        && reuse != Reuse.NONE
                        && BearerToken.of(request) != null;
        response.setHeader(HttpHeaders.VARY, vary(isShared));
        long most = seconds(sight, maxAge, now);
        response.setHeader(
                HttpHeaders.CACHE_CONTROL, isShared ? shared(reuse, most) : own(reuse, most));
    }

    /// In one line, since not every cache joins several, with what a filter has named before. A
    /// caller without `Accept-Encoding`, such as a proxy that compresses for its own clients, gets
    /// plain bytes, which any client can take.
    private String vary(boolean isShared) {
        List<String> names = new ArrayList<>(response.getHeaders(HttpHeaders.VARY));
        if (request.getHeader(HttpHeaders.ACCEPT_ENCODING) != null) {
            names.add(HttpHeaders.ACCEPT_ENCODING);
        }
        names.add(HttpHeaders.AUTHORIZATION);
        if (!isShared) {
            names.add(HttpHeaders.COOKIE);
        }
        return String.join(", ", names);
    }

    /// By RFC 5861, a cache may use what it has while it asks anew (`stale-while-revalidate`).
    /// Without that, a crowd asks the service together whenever a short time is over.
    private static String shared(Reuse reuse, long most) {
        long brief = Math.min(SHORT_SECONDS, most);
        return switch (reuse) {
            case NONE, BRIEF -> "public, max-age=" + brief;
            case GROWING ->
                    "public, max-age=" + brief + ", stale-while-revalidate=" + (most - brief);
            case LASTING -> "public, max-age=" + most + ", immutable";
        };
    }

    private static String own(Reuse reuse, long most) {
        return reuse == Reuse.LASTING ? "private, max-age=" + most + ", immutable" : "no-store";
    }

    /// No longer than the grant.
    private static long seconds(Sight sight, Duration maxAge, Instant now) {
        Instant end = sight.grant().expires();
        long rest = end == null ? Long.MAX_VALUE : Duration.between(now, end).toSeconds();
        return Math.clamp(rest, 0, maxAge.toSeconds());
    }

    /// Sets the entity tag; true if the client has that of the page.
    boolean isKnown(String tag) {
        response.setHeader(HttpHeaders.ETAG, tag);
        // A list may come in several headers, and a tag may contain any character of a list.
        String known = String.join(",", Collections.list(request.getHeaders(IF_NONE_MATCH)));
        return known.strip().equals("*")
                || TAG.matcher(known).results().anyMatch(one -> one.group().equals(tag));
    }
}
