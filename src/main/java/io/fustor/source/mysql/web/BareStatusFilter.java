package io.fustor.source.mysql.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Adds a problem body to a status without a body, such as Actuator's 404. It also refuses paths
/// with parameters (`;a=b`), which no path here has, and bodies of any type (`*/*`), before other
/// code fails on them.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class BareStatusFilter extends OncePerRequestFilter {

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (request.getRequestURI().indexOf(';') >= 0) {
            HttpStatus malformed = HttpStatus.BAD_REQUEST;
            Problems.write(request, response, Problems.of(malformed));
            return;
        }
        String type = request.getContentType();
        if (type != null && type.indexOf('*') >= 0) {
            HttpStatus unknown = HttpStatus.UNSUPPORTED_MEDIA_TYPE;
            Problems.write(request, response, Problems.of(unknown));
            return;
        }
        chain.doFilter(request, response);
        HttpStatus status = HttpStatus.resolve(response.getStatus());
        if (response.getStatus() >= 400
                && status != null
                && !response.isCommitted()
                && response.getContentType() == null) {
            Problems.write(request, response, Problems.of(status));
        }
    }
}
