package io.fustor.source.mysql.access;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/// What a request wants of its caller. [SecurityRules] enforces the list, and `openapi` writes it
/// into the interface's document; so the two cannot differ.
///
/// @param method null for each
/// @param role null where everybody may
public record AccessRule(@Nullable HttpMethod method, String path, @Nullable Role role) {

    /// The first that matches counts; the last matches everything.
    static final List<AccessRule> ALL =
            List.of(
                    new AccessRule(HttpMethod.POST, "/api/session", null),
                    new AccessRule(HttpMethod.DELETE, "/api/session", null),
                    // The console's own files hold nothing; what it shows comes from the API.
                    new AccessRule(HttpMethod.GET, "/", null),
                    new AccessRule(HttpMethod.GET, "/index.html", null),
                    new AccessRule(HttpMethod.GET, "/favicon.ico", null),
                    new AccessRule(HttpMethod.GET, "/console", null),
                    new AccessRule(HttpMethod.GET, "/console/**", null),
                    // Nor do these, which are the same in every installation; a browser has no
                    // token
                    // before it has them.
                    new AccessRule(HttpMethod.GET, "/swagger-ui.html", null),
                    new AccessRule(HttpMethod.GET, "/swagger-ui/**", null),
                    new AccessRule(HttpMethod.GET, "/v3/api-docs", null),
                    new AccessRule(HttpMethod.GET, "/v3/api-docs.yaml", null),
                    new AccessRule(HttpMethod.GET, "/v3/api-docs/swagger-config", null),
                    new AccessRule(HttpMethod.GET, "/v3/asyncapi", null),
                    new AccessRule(HttpMethod.GET, "/openapi.json", null),
                    new AccessRule(HttpMethod.PUT, "/api/sources/*/checkpoints/*", Role.READER),
                    new AccessRule(HttpMethod.DELETE, "/api/sources/*/checkpoints/*", Role.READER),
                    new AccessRule(null, "/api/readers/**", Role.ADMIN),
                    new AccessRule(HttpMethod.GET, "/**", Role.READER),
                    new AccessRule(HttpMethod.HEAD, "/**", Role.READER),
                    new AccessRule(null, "/**", Role.ADMIN));

    /// The role that an operation wants, or null where everybody may.
    ///
    /// @param path of a request, or as a document has it, with `{names}`
    public static @Nullable Role roleFor(HttpMethod method, String path) {
        PathContainer parsed = PathContainer.parsePath(path);
        for (AccessRule rule : ALL) {
            if (rule.matches(method, parsed)) {
                return rule.role;
            }
        }
        return Role.ADMIN;
    }

    private boolean matches(HttpMethod asked, PathContainer parsed) {
        PathPattern pattern = PathPatternParser.defaultInstance.parse(path);
        return (method == null || method.equals(asked)) && pattern.matches(parsed);
    }
}
