package io.fustor.source.mysql.web;

import static jakarta.servlet.DispatcherType.ASYNC;
import static jakarta.servlet.DispatcherType.ERROR;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.ServerHttpResponse;
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
class SecurityRules {

    @Bean
    SessionCookie sessionCookie(Tokens tokens, SecurityProperties properties) {
        return new SessionCookie(tokens, properties.session(), Clock.systemUTC());
    }

    @Bean
    SecurityFilterChain securityFilterChain(
            HttpSecurity http, Tokens tokens, SessionCookie sessions, WebProperties properties) {
        if (!properties.allowedOrigins().isEmpty()) {
            http.addFilter(corsFilter(properties.allowedOrigins()));
        }
        return http.authorizeHttpRequests(SecurityRules::authorize)
                .addFilterBefore(
                        new TokenFilter(tokens, sessions), AnonymousAuthenticationFilter.class)
                .addFilterBefore(
                        new OriginFilter(tokens, properties.allowedOrigins()), TokenFilter.class)
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
                .requestMatchers(EndpointRequest.toAnyEndpoint(), EndpointRequest.toLinks())
                .hasRole("ADMIN");
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
                (request, response) ->
                        AnswerHeaders.add(
                                response,
                                isPage(request.getRequestURI())
                                        ? AnswerHeaders.PAGE_POLICY
                                        : AnswerHeaders.DATA_POLICY));
    }

    private static boolean isPage(String path) {
        return path.equals("/")
                || path.equals("/index.html")
                || path.equals("/console")
                || path.startsWith("/console/")
                || path.startsWith("/swagger-ui");
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
                        "Last-Event-ID"));
        configuration.setExposedHeaders(
                List.of(
                        HttpHeaders.LOCATION,
                        HttpHeaders.RETRY_AFTER,
                        HttpHeaders.WWW_AUTHENTICATE));
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
        protected void rejectRequest(ServerHttpResponse response) throws IOException {
            HttpStatus status = HttpStatus.FORBIDDEN;
            response.setStatusCode(status);
            response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
            String detail =
                    "Pages of this origin may not call the service that way; see"
                            + " fustor.web.allowed-origins.";
            response.getBody().write(Problems.body(status, detail, null));
            response.flush();
        }
    }

    /// Answers at once: on the way to the error page the same request would be rejected again.
    @Bean
    RequestRejectedHandler malformedRequests() {
        return (request, response, _) ->
                Problems.write(
                        request,
                        response,
                        HttpStatus.BAD_REQUEST,
                        Problems.detail(HttpStatus.BAD_REQUEST));
    }

    private static AuthenticationEntryPoint unknownCaller() {
        return (request, response, _) -> {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            String detail =
                    TokenFilter.bearer(request) == null
                            ? "The request needs a token: send Authorization: Bearer, or open a"
                                    + " session with POST /api/session."
                            : "The token is not one of the configured ones.";
            Problems.write(request, response, HttpStatus.UNAUTHORIZED, detail);
        };
    }

    private static AccessDeniedHandler missingRole() {
        return (request, response, _) -> {
            Caller caller = Caller.current();
            Problems.write(
                    request,
                    response,
                    HttpStatus.FORBIDDEN,
                    "The token "
                            + (caller == null ? "" : caller.name() + " ")
                            + "may only read; this needs a token with the role admin.");
        };
    }

    /// Nobody has a password here; without this, Spring Boot makes one up and logs it.
    @Bean
    UserDetailsService noUsers() {
        return name -> {
            throw new UsernameNotFoundException(name);
        };
    }
}
