package io.fustor.source.mysql.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/// Refuses bodies over 1 MiB: at once where the request says its length, else when that much was
/// read. Every read stands under the deadline of [ClientConnections], so it comes before whatever
/// may read a body.
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
class BodyLimitFilter extends OncePerRequestFilter {

    static final int LIMIT = 1024 * 1024;

    /// More came than is allowed; [ProblemAdvice] answers it with 413.
    static final class BodyTooLargeException extends IOException {

        private static final long serialVersionUID = 1L;

        BodyTooLargeException() {
            super("the body is larger than " + LIMIT + " bytes");
        }
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ClientConnection connection = ClientConnection.current();
        if (connection != null) {
            connection.bodyCame();
        }
        try {
            if (request.getContentLengthLong() > LIMIT) {
                HttpStatus status = HttpStatus.CONTENT_TOO_LARGE;
                Problems.write(request, response, status, Problems.detail(status));
            } else {
                chain.doFilter(new LimitedRequest(request), response);
            }
        } finally {
            if (connection != null) {
                connection.answered(hasBody(request));
            }
        }
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0
                || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    private static final class LimitedRequest extends HttpServletRequestWrapper {

        private LimitedRequest(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new LimitedStream(super.getInputStream());
        }

        @Override
        public BufferedReader getReader() throws IOException {
            return new BufferedReader(
                    new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
        }
    }

    private static final class LimitedStream extends ServletInputStream {

        private final ServletInputStream stream;
        private final @Nullable ClientConnection connection = ClientConnection.current();
        private long count;

        private LimitedStream(ServletInputStream stream) {
            this.stream = stream;
        }

        @Override
        public int read() throws IOException {
            awaitBytes();
            try {
                int read = stream.read();
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
                count(Math.max(read, 0));
                return read;
            } finally {
                bytesCame();
            }
        }

        private void awaitBytes() {
            if (connection != null) {
                connection.awaitBody();
            }
        }

        private void bytesCame() {
            if (connection != null) {
                connection.bodyCame();
            }
        }

        private void count(int read) throws BodyTooLargeException {
            count += read;
            if (count > LIMIT) {
                throw new BodyTooLargeException();
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
