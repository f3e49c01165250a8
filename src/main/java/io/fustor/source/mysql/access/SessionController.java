package io.fustor.source.mysql.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.grant.BearerToken;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Exchanges a token for a cookie, and back.
@RestController
@RequestMapping("/api/session")
@Tag(name = "Session", description = "A cookie for browsers, whose EventSource sends no headers")
class SessionController {

    /// What opens a session; the token may also come as a bearer token.
    @Schema(
            name = "SessionOpening",
            description = "A configured token, a reader's secret or a JWT.")
    record Opening(
            @Schema(description = "The token's secret.", format = "password")
                    @Nullable String token) {

        @Override
        public String toString() {
            return "Opening";
        }
    }

    /// Who the caller is.
    @Schema(description = "Who the caller is.")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Session(
            @Schema(
                            description = "The name of the token, the reader or the JWT's subject.",
                            example = "dashboard")
                    String name,
            @Schema(
                            description = "What it may do.",
                            allowableValues = {"metrics", "reader", "admin"})
                    String role,
            @Schema(description = "When its grant ends; absent where it has no end.")
                    @Nullable Instant expires) {}

    private final Callers callers;
    private final SessionCookie cookie;

    SessionController(Callers callers, SessionCookie cookie) {
        this.callers = callers;
        this.cookie = cookie;
    }

    @PostMapping
    @Operation(
            operationId = "openSession",
            summary = "Open a session: the answer sets a cookie that stands for the token",
            description =
                    "A configured token, a reader's secret or a JWT comes as a bearer token or"
                            + " in the body. The cookie ends with the caller's grant.")
    @ApiResponse(
            responseCode = "200",
            description = "The session is open.",
            headers =
                    @Header(
                            name = HttpHeaders.SET_COOKIE,
                            description = "The cookie; absent where no tokens are configured.",
                            schema = @Schema(type = "string")))
    @ApiResponse(responseCode = "401", description = "The request has no token or a wrong one.")
    ResponseEntity<Session> open(
            @RequestBody(required = false) @Nullable Opening opening, HttpServletRequest request) {
        String bearer = BearerToken.of(request);
        String secret = bearer != null || opening == null ? bearer : opening.token();
        Caller caller = secret == null ? null : callers.find(secret);
        if (secret == null || caller == null) {
            if (!callers.areWanted()) {
                return ResponseEntity.ok(session(Caller.WITHOUT_TOKENS));
            }
            throw secret == null
                    ? RequestException.refused(RequestCode.TOKEN_MISSING, "problem.token-missing")
                    : RequestException.refused(RequestCode.TOKEN_UNKNOWN, "problem.unknown-token");
        }
        ResponseCookie made = cookie.of(caller, secret, request.isSecure());
        if (made == null) {
            throw RequestException.invalid("problem.long-jwt");
        }
        request.setAttribute(TokenFilter.CALLER, caller);
        return ResponseEntity.ok()
                .header(HttpHeaders.SET_COOKIE, made.toString())
                .body(session(caller));
    }

    @GetMapping
    @Operation(
            operationId = "getSession",
            summary = "Say who the caller is",
            description =
                    "By its token or its cookie. Without configured tokens every caller is an"
                            + " administrator.")
    @ApiResponse(responseCode = "200", description = "The caller.")
    Session current() {
        Caller caller = Caller.current();
        if (caller == null) {
            throw RequestException.refused(RequestCode.TOKEN_MISSING, "problem.no-token");
        }
        return session(caller);
    }

    @DeleteMapping
    @Operation(
            operationId = "closeSession",
            summary = "End the browser's session: the answer removes the cookie",
            description = "The token itself stays good.")
    @ApiResponse(
            responseCode = "204",
            description = "The session is closed.",
            headers =
                    @Header(
                            name = HttpHeaders.SET_COOKIE,
                            description = "Removes the cookie.",
                            schema = @Schema(type = "string")))
    ResponseEntity<Void> close(HttpServletRequest request) {
        return ResponseEntity.noContent()
                .header(HttpHeaders.SET_COOKIE, SessionCookie.none(request.isSecure()).toString())
                .build();
    }

    private static Session session(Caller caller) {
        return new Session(caller.name(), caller.role().text(), caller.sight().grant().expires());
    }
}
