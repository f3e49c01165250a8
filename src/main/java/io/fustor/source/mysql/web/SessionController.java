package io.fustor.source.mysql.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
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
    record Opening(@Schema(description = "the token's secret", format = "password") String token) {

        @Override
        public String toString() {
            return "Opening";
        }
    }

    /// Who the caller is.
    record Session(
            @Schema(description = "the token's name", example = "dashboard") String name,
            @Schema(allowableValues = {"reader", "admin"}) String role) {}

    private final Tokens tokens;
    private final SessionCookie cookie;

    SessionController(Tokens tokens, SessionCookie cookie) {
        this.tokens = tokens;
        this.cookie = cookie;
    }

    @PostMapping
    @Operation(summary = "Open a session: the answer sets a cookie that stands for the token")
    @ApiResponse(responseCode = "200")
    ResponseEntity<Session> open(
            @RequestBody(required = false) @Nullable Opening opening, HttpServletRequest request) {
        if (!tokens.areWanted()) {
            return ResponseEntity.ok(session(Caller.ANYBODY));
        }
        String bearer = TokenFilter.bearer(request);
        String secret = bearer != null || opening == null ? bearer : opening.token();
        ApiToken token = secret == null ? null : tokens.find(secret);
        if (token == null) {
            throw unauthorized(
                    secret == null
                            ? "token is missing: send {\"token\": …} or Authorization: Bearer."
                            : "The token is not one of the configured ones.");
        }
        request.setAttribute(TokenFilter.CALLER, token.caller());
        return ResponseEntity.ok()
                .header(HttpHeaders.SET_COOKIE, cookie.of(token, request.isSecure()).toString())
                .body(session(token.caller()));
    }

    @GetMapping
    @Operation(summary = "Say who the caller is")
    Session current() {
        Caller caller = Caller.current();
        if (caller == null) {
            throw unauthorized("The request needs a token.");
        }
        return session(caller);
    }

    @DeleteMapping
    @Operation(summary = "End the browser's session: the answer removes the cookie")
    @ApiResponse(responseCode = "204")
    ResponseEntity<Void> close(HttpServletRequest request) {
        return ResponseEntity.noContent()
                .header(HttpHeaders.SET_COOKIE, SessionCookie.none(request.isSecure()).toString())
                .build();
    }

    private static Session session(Caller caller) {
        return new Session(caller.name(), caller.role().text());
    }

    private static ErrorResponseException unauthorized(String detail) {
        ErrorResponseException e =
                new ErrorResponseException(
                        HttpStatus.UNAUTHORIZED,
                        ProblemDetail.forStatusAndDetail(HttpStatus.UNAUTHORIZED, detail),
                        null);
        e.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        return e;
    }
}
