package io.fustor.source.mysql.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Lets subscribers stall longer than other clients: at 1 kB/s the window of a TCP connection opens
/// about once a minute.
@Component
class StallFilter extends OncePerRequestFilter {

    private static final Pattern STREAM = Pattern.compile("/api/sources/[^/]+/events/?");

    private final Duration time;

    StallFilter(WebProperties properties) {
        this.time = properties.stallTimeout();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ClientConnection connection = ClientConnection.current();
        if (connection != null && STREAM.matcher(request.getRequestURI()).matches()) {
            connection.letClientStall(time);
        }
        chain.doFilter(request, response);
    }
}
