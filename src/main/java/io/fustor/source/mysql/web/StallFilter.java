package io.fustor.source.mysql.web;

import io.fustor.source.mysql.grant.ClientLine;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Gives feeds the line to their client, and allows subscribers longer stalls than other clients:
/// at 1 kB/s, the window of a TCP connection opens about once a minute.
@Component
class StallFilter extends OncePerRequestFilter {

    private static final Pattern STREAM = Pattern.compile("/api/sources/[^/]+/(events|stream)/?");

    private final Duration time;

    StallFilter(WebProperties properties) {
        this.time = properties.stallTimeout();
    }

    static boolean isStream(HttpServletRequest request) {
        return STREAM.matcher(request.getRequestURI()).matches();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ClientExchange exchange = ClientExchange.current();
        if (exchange != null && isStream(request)) {
            exchange.letClientStall(time);
            request.setAttribute(ClientLine.ATTRIBUTE, exchange);
        }
        chain.doFilter(request, response);
    }
}
