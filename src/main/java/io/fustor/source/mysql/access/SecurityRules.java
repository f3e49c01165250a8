package io.fustor.source.mysql.access;

import static jakarta.servlet.DispatcherType.ASYNC;
import static jakarta.servlet.DispatcherType.ERROR;

import io.fustor.source.mysql.error.Problem;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.grant.BearerToken;
import io.fustor.source.mysql.settings.SecurityProperties;
import io.fustor.source.mysql.web.AnswerHeaders;
import io.fustor.source.mysql.web.Problems;
import io.fustor.source.mysql.web.WebProperties;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorityAuthorizationDecision;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/// Who may do what, path by path. Without tokens everybody is an administrator, and the service
/// listens on 127.0.0.1 only (see [ListeningRule]).
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SecurityProperties.class)
class SecurityRules {

    /// The endpoint that Prometheus scrapes.
    private static final String METERS = "prometheus";

    @Bean
    SessionCookie sessionCookie(Callers callers, SecurityProperties properties) {
        return new SessionCookie(
                callers::named, callers::ofJwt, properties.session(), Clock.systemUTC());
    }

    @Bean
    SecurityFilterChain securityFilterChain(
            HttpSecurity http,
            Tokens tokens,
            Callers callers,
            SessionCookie sessions,
            WebProperties properties) {
        if (!properties.allowedOrigins().isEmpty()) {
            http.addFilter(corsFilter(properties.allowedOrigins()));
        }
        return http.authorizeHttpRequests(SecurityRules::authorize)
                .addFilterBefore(
                        new TokenFilter(callers, sessions), AnonymousAuthenticationFilter.class)
                .addFilterBefore(new OriginFilter(tokens, properties), TokenFilter.class)
                .exceptionHandling(
                        problems ->
                                problems.authenticationEntryPoint(unknownCaller())
                                        .accessDeniedHandler(missingRole()))
                .sessionManagement(
                        session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(SecurityRules::writeHeaders)
                // OriginFilter stands in for CSRF tokens, which the existing callers do not know.
                .csrf(csrf -> csrf.disable())
                .requestCache(cache -> cache.disable())
                .logout(logout -> logout.disable())
                .httpBasic(basic -> basic.disable())
                .formLogin(form -> form.disable())
                .build();
    }

    private static void authorize(
            AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry
                    requests) {
        requests.dispatcherTypeMatchers(ASYNC, ERROR)
                .permitAll()
                .requestMatchers(EndpointRequest.to(HealthEndpoint.class))
                .permitAll()
                .requestMatchers(EndpointRequest.to(METERS))
                .hasRole(Role.METRICS.name())
                .requestMatchers(EndpointRequest.toAnyEndpoint(), EndpointRequest.toLinks())
                .hasRole(Role.ADMIN.name());
        for (AccessRule rule : AccessRule.ALL) {
            var matched =
                    rule.method() == null
                            ? requests.requestMatchers(rule.path())
                            : requests.requestMatchers(rule.method(), rule.path());
            Role role = rule.role();
            if (role == null) {
                matched.permitAll();
            } else {
                matched.hasRole(role.name());
            }
        }
    }

    private static void writeHeaders(HeadersConfigurer<HttpSecurity> headers) {
        headers.addHeaderWriter(
                (request, response) -> {
                    String path = request.getRequestURI();
                    int context = request.getContextPath().length();
                    AnswerHeaders.add(response, policy(path.substring(context)));
                });
    }

    private static String policy(String path) {
        if (path.startsWith("/console/")) {
            return AnswerHeaders.CONSOLE_POLICY;
        }
        boolean isPage =
                path.equals("/") || path.equals("/index.html") || path.startsWith("/swagger-ui");
        return isPage ? AnswerHeaders.PAGE_POLICY : AnswerHeaders.DATA_POLICY;
    }

    /// Pages of these sites may call, also with a visitor's cookie; a browser sends that only where
    /// site and service share a registrable domain, for it is SameSite.
    private static CorsFilter corsFilter(List<String> origins) {
        CorsConfiguration configuration = new CorsConfiguration();
        configuration.setAllowedOrigins(origins);
        configuration.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "DELETE"));
        configuration.setAllowedHeaders(
                List.of(
                        HttpHeaders.ACCEPT,
                        HttpHeaders.ACCEPT_LANGUAGE,
                        HttpHeaders.AUTHORIZATION,
                        HttpHeaders.CACHE_CONTROL,
                        HttpHeaders.CONTENT_TYPE,
                        HttpHeaders.IF_NONE_MATCH,
                        "Last-Event-ID"));
        configuration.setExposedHeaders(
                List.of(
                        HttpHeaders.LOCATION,
                        HttpHeaders.RETRY_AFTER,
                        HttpHeaders.WWW_AUTHENTICATE,
                        HttpHeaders.ETAG,
                        "Stream-Next-Offset",
                        "Stream-Cursor",
                        "Stream-Up-To-Date"));
        configuration.setAllowCredentials(true);
        configuration.setMaxAge(Duration.ofMinutes(30));
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/api/**", configuration);
        source.registerCorsConfiguration("/v3/**", configuration);
        source.registerCorsConfiguration("/openapi.json", configuration);
        source.registerCorsConfiguration("/actuator/**", configuration);
        CorsFilter filter = new CorsFilter(source);
        filter.setCorsProcessor(new ForeignOrigins());
        return filter;
    }

    /// Says no with a problem.
    private static final class ForeignOrigins extends DefaultCorsProcessor {

        @Override
        public boolean processRequest(
                @Nullable CorsConfiguration configuration,
                HttpServletRequest request,
                HttpServletResponse response)
                throws IOException {
            boolean isAllowed = super.processRequest(configuration, request, response);
            if (!isAllowed) {
                Problems.write(
                        request,
                        response,
                        Problem.of(
                                RequestCode.ORIGIN_FORBIDDEN, Sentence.of("problem.other-origin")));
            }
            return isAllowed;
        }

        /// What it would write, and commit, is no problem body.
        @Override
        protected void rejectRequest(ServerHttpResponse response) {}
    }

    /// Answers at once: on the way to the error page the same request would be rejected again.
    @Bean
    RequestRejectedHandler malformedRequests() {
        return (request, response, _) ->
                Problems.write(request, response, Problems.of(HttpStatus.BAD_REQUEST));
    }

    private static AuthenticationEntryPoint unknownCaller() {
        return (request, response, _) -> {
            if (request.getAttribute(TokenFilter.REFUSAL) instanceof RequestException refusal) {
                write(request, response, refusal);
                return;
            }
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            Problem problem =
                    BearerToken.of(request) == null
                            ? Problem.of(
                                    RequestCode.TOKEN_MISSING, Sentence.of("problem.show-token"))
                            : Problem.of(
                                    RequestCode.TOKEN_UNKNOWN,
                                    Sentence.of("problem.unknown-token"));
            Problems.write(request, response, problem);
        };
    }

    private static void write(
            HttpServletRequest request, HttpServletResponse response, RequestException refusal)
            throws IOException {
        Problem problem = Problem.of(refusal);
        if (problem.status() == HttpStatus.UNAUTHORIZED.value()) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        Duration pause = problem.retryAfter();
        if (pause != null) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(pause.toSeconds()));
        }
        Problems.write(request, response, problem);
    }

    private static AccessDeniedHandler missingRole() {
        return (request, response, denied) ->
                Problems.write(
                        request, response, Problem.of(RequestCode.ROLE_MISSING, missing(denied)));
    }

    private static Sentence missing(AccessDeniedException denied) {
        Caller caller = Caller.current();
        return caller == null
                ? Sentence.of("problem.role", wanted(denied))
                : Sentence.of(
                        "problem.role-of", caller.name(), caller.role().limit(), wanted(denied));
    }

    /// The roles that would do: a name, or several in words.
    private static Object wanted(AccessDeniedException denied) {
        if (denied instanceof AuthorizationDeniedException refused
                && refused.getAuthorizationResult()
                        instanceof AuthorityAuthorizationDecision decision) {
            return Arrays.stream(Role.values())
                    .filter(role -> role.authorities().containsAll(decision.getAuthorities()))
                    .<Object>map(Role::text)
                    .reduce((one, other) -> Sentence.of("problem.either", one, other))
                    .orElse(Role.ADMIN.text());
        }
        return Role.ADMIN.text();
    }

    /// No caller has a password here. Without this, Spring Boot makes one up and logs it.
    @Bean
    UserDetailsService noUsers() {
        return name -> {
            throw new UsernameNotFoundException(name);
        };
    }
}
