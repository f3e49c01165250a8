package io.fustor.source.mysql.access;

import io.fustor.source.mysql.grant.BearerToken;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;

/// Writes a line for every request that may change something, so that a new path cannot be
/// forgotten, and for every token that is none. What an action looked at only is left out, and so
/// are consumers' checkpoints while they move on: they are data.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
class AuditFilter extends OncePerRequestFilter {

    /// Where a controller's answer has the status 200 and still says that nothing was done, it sets
    /// this attribute to `failed`; and the next one to what was changed, where the path lacks it.
    private static final String OUTCOME = "fustor.audit.outcome";

    private static final String TARGET = "fustor.audit.target";

    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private static final Set<String> LOOKING =
            Set.of(
                    "test_connection",
                    "check_params",
                    "check_privileges",
                    "discover_fields_no_cache");
    private static final Map<String, String> NAMES =
            Map.of(
                    "POST /api/configs/sources/{id}", "create_source",
                    "DELETE /api/configs/sources/{id}", "delete_source",
                    "DELETE /api/sources/{id}/checkpoints/{consumer}", "delete_checkpoint",
                    "PUT /api/sources/{id}/checkpoints/{consumer}", "put_checkpoint",
                    "DELETE /api/sources/{id}/snapshots/{snapshot}", "cancel_snapshot",
                    "POST /api/readers/{name}", "create_reader",
                    "PUT /api/readers/{name}", "update_reader",
                    "DELETE /api/readers/{name}", "delete_reader",
                    "POST /api/session", "open_session",
                    "DELETE /api/session", "close_session");

    private static final Pattern ACTION = Pattern.compile(".*/_actions/([a-z_]{1,64})/?");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:@%\\[\\]-]{1,160}");

    private final Audit audit = new Audit();

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        int status = 500;
        try {
            chain.doFilter(request, response);
            status = response.getStatus();
        } finally {
            write(request, status);
        }
    }

    private void write(HttpServletRequest request, int status) {
        String action = action(request);
        boolean isRefused = status == 401 || status == 403;
        if (READING.contains(request.getMethod())) {
            if (status == 401 && BearerToken.of(request) != null) {
                audit.refused(line(request, "authenticate", status));
            }
        } else if (isRefused) {
            audit.refused(line(request, action, status));
        } else if (!LOOKING.contains(action) && !isData(action, request)) {
            audit.changed(line(request, action, status), outcome(request, status));
        }
    }

    private static boolean isData(String action, HttpServletRequest request) {
        // The parameters themselves may be unreadable.
        String query = request.getQueryString();
        return action.equals("put_checkpoint") && (query == null || !query.contains("rewind"));
    }

    private static Audit.Line line(HttpServletRequest request, String action, int status) {
        Object caller = request.getAttribute(TokenFilter.CALLER);
        return new Audit.Line(
                caller instanceof Caller known ? name(known) : "nobody",
                action,
                target(request),
                address(request.getRemoteAddr()),
                status);
    }

    /// The subject of a JWT may hold any characters.
    private static String name(Caller caller) {
        return caller.sight().isLimited() ? plain(caller.sight().owner()) : caller.name();
    }

    /// A proxy's header may have taken the address's place, and its text is the client's.
    private static String address(@Nullable String text) {
        try {
            return text == null ? "-" : plain(InetAddress.ofLiteral(text).getHostAddress());
        } catch (IllegalArgumentException _) {
            return "-";
        }
    }

    private static String outcome(HttpServletRequest request, int status) {
        if (status < 400) {
            return request.getAttribute(OUTCOME) == null ? "done" : "failed";
        }
        return "failed";
    }

    /// What the path's pattern stands for; a path that was refused before it was looked at has its
    /// action's name at most.
    private static String action(HttpServletRequest request) {
        Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        String path = pattern instanceof String known ? known : request.getRequestURI();
        var matcher = ACTION.matcher(path);
        if (matcher.matches()) {
            return matcher.group(1);
        }
        String method = request.getMethod();
        String known = NAMES.get(method + " " + path);
        String verb = plain(method.toLowerCase(Locale.ROOT));
        return known == null ? verb : known;
    }

    private static String target(HttpServletRequest request) {
        if (request.getAttribute(TARGET) instanceof String told) {
            return plain(told);
        }
        Object variables = request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE);
        if (!(variables instanceof Map<?, ?> names)) {
            return "-";
        }
        String id = plain(names.get("id") == null ? names.get("name") : names.get("id"));
        Object part = names.get("consumer") == null ? names.get("snapshot") : names.get("consumer");
        return part == null ? id : id + "/" + plain(part);
    }

    /// No caller writes lines of its own into the log.
    private static String plain(@Nullable Object text) {
        return text instanceof String known && PLAIN.matcher(known).matches() ? known : "-";
    }
}
