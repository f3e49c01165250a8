package io.fustor.source.mysql.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Gives all responses but streams a buffer that most of them fit into, so that they have a
/// `Content-Length`. A stream passes its pieces on as they are, and would keep the buffer for
/// hours.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class AnswerBufferFilter extends OncePerRequestFilter {

    private static final int SIZE = 8 * 1024;

    /// Tomcat makes a buffer that is more than 16 times as large as this anew for the next request,
    /// so that a stream never gets the large one of the request before it.
    static final int SIZE_OF_STREAMS = SIZE / 16 - 12;

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (StreamPath.of(request) == null) {
            response.setBufferSize(SIZE);
        }
        chain.doFilter(request, response);
    }
}
