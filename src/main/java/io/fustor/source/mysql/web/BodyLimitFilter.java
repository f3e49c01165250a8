package io.fustor.source.mysql.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/// Refuses bodies over 1 MiB, or over 64 MiB if a source is saved with discovered fields, which are
/// parsed while they arrive. It refuses at once if the request states its length, otherwise when
/// the limit is reached. Every read is subject to the deadline of [ClientConnections], so this
/// filter runs before any code that may read a body.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class BodyLimitFilter extends OncePerRequestFilter {

    static final int LIMIT = 1024 * 1024;

    /// Enough for the fields of 200,000 columns with long names and comments.
    static final int LIMIT_OF_FIELDS = 64 * 1024 * 1024;

    private static final PathPattern WITH_FIELDS =
            PathPatternParser.defaultInstance.parse("/api/configs/sources/{id}");

    /// The body exceeds the limit; [ProblemAdvice] responds with 413.
    static final class BodyTooLargeException extends IOException {

        private static final long serialVersionUID = 1L;

        BodyTooLargeException(long limit) {
            super("the body is larger than " + limit + " bytes");
        }
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ClientExchange exchange = ClientExchange.current();
        if (exchange != null) {
            exchange.bodyCame();
        }
        int limit = limit(request);
        try {
            if (request.getContentLengthLong() > limit) {
                HttpStatus status = HttpStatus.CONTENT_TOO_LARGE;
                Problems.write(request, response, Problems.of(status));
            } else {
                chain.doFilter(new LimitedRequest(request, limit), response);
            }
        } finally {
            if (exchange != null) {
                exchange.answered(hasBody(request));
            }
        }
    }

    private static int limit(HttpServletRequest request) {
        PathContainer path = PathContainer.parsePath(request.getRequestURI());
        return WITH_FIELDS.matches(path) ? LIMIT_OF_FIELDS : LIMIT;
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0
                || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    private static final class LimitedRequest extends HttpServletRequestWrapper {

        private final int limit;

        private LimitedRequest(HttpServletRequest request, int limit) {
            super(request);
            this.limit = limit;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new LimitedStream(super.getInputStream(), limit);
        }

        @Override
        public BufferedReader getReader() throws IOException {
            return new BufferedReader(
                    new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
        }
    }

    private static final class LimitedStream extends ServletInputStream {

        private final ServletInputStream stream;
        private final int limit;
        private final @Nullable ClientExchange exchange = ClientExchange.current();
        private long count;

        private LimitedStream(ServletInputStream stream, int limit) {
            this.stream = stream;
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            awaitBytes();
            try {
                int read = stream.read();
                requireWhole(read);
                count(read < 0 ? 0 : 1);
                return read;
            } finally {
                bytesCame();
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            awaitBytes();
            try {
                int read = stream.read(bytes, offset, length);
                requireWhole(read);
                count(Math.max(read, 0));
                return read;
            } finally {
                bytesCame();
            }
        }

        private void awaitBytes() {
            if (exchange != null) {
                exchange.awaitBody();
            }
        }

        private void bytesCame() {
            if (exchange != null) {
                exchange.bodyCame();
            }
        }

        /// A stream of HTTP/2 that the service has reset ends as if the body did.
        private void requireWhole(int read) throws IOException {
            if (read < 0 && exchange != null && exchange.isDropped()) {
                throw new EOFException("the body came too slowly");
            }
        }

        private void count(int read) throws BodyTooLargeException {
            count += read;
            if (count > limit) {
                throw new BodyTooLargeException(limit);
            }
        }

        @Override
        public boolean isFinished() {
            return stream.isFinished();
        }

        @Override
        public boolean isReady() {
            return stream.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            stream.setReadListener(listener);
        }
    }
}
