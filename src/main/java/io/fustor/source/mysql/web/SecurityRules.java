package io.fustor.source.mysql.web;

import static jakarta.servlet.DispatcherType.ASYNC;
import static jakarta.servlet.DispatcherType.ERROR;

import java.time.Clock;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/// Who may do what, path by path. Without tokens everybody is an administrator, and the service
/// listens on 127.0.0.1 only (see [ListeningRule]).
@Configuration(proxyBeanMethods = false)
class SecurityRules {

    /// Scripts and styles come from the service itself only; Swagger UI has styles in its markup
    /// and pictures in data URLs.
    private static final String CONTENT_POLICY =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
                    + " object-src 'none'; base-uri 'none'; form-action 'self';"
                    + " frame-ancestors 'none'";

    @Bean
    SessionCookie sessionCookie(Tokens tokens, SecurityProperties properties) {
        return new SessionCookie(tokens, properties.session(), Clock.systemUTC());
    }

    @Bean
    SecurityFilterChain securityFilterChain(
            HttpSecurity http, Tokens tokens, SessionCookie sessions) {
        return http.authorizeHttpRequests(SecurityRules::authorize)
                .addFilterBefore(
                        new TokenFilter(tokens, sessions), AnonymousAuthenticationFilter.class)
                .addFilterBefore(new OriginFilter(tokens), TokenFilter.class)
                .exceptionHandling(
                        problems ->
                                problems.authenticationEntryPoint(unknownCaller())
                                        .accessDeniedHandler(missingRole()))
                .sessionManagement(
                        session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(
                        headers ->
                                headers.contentSecurityPolicy(
                                                policy -> policy.policyDirectives(CONTENT_POLICY))
                                        .referrerPolicy(
                                                referrer ->
                                                        referrer.policy(
                                                                ReferrerPolicy.NO_REFERRER)))
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
                .hasRole("ADMIN")
                .requestMatchers(HttpMethod.POST, "/api/session")
                .permitAll()
                .requestMatchers(HttpMethod.DELETE, "/api/session")
                .permitAll()
                // The console's own files hold nothing; what it shows comes from the API.
                .requestMatchers(
                        HttpMethod.GET,
                        "/",
                        "/index.html",
                        "/favicon.ico",
                        "/console",
                        "/console/**")
                .permitAll()
                .requestMatchers(HttpMethod.PUT, "/api/sources/*/checkpoints/*")
                .hasRole("READER")
                .requestMatchers(HttpMethod.DELETE, "/api/sources/*/checkpoints/*")
                .hasRole("READER")
                .requestMatchers(HttpMethod.GET)
                .hasRole("READER")
                .requestMatchers(HttpMethod.HEAD)
                .hasRole("READER")
                .anyRequest()
                .hasRole("ADMIN");
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
