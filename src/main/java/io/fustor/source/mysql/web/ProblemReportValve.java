package io.fustor.source.mysql.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.http11.Http11InputBuffer;
import org.apache.tomcat.util.res.StringManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/// Writes a problem body where Tomcat would write an HTML page: for requests that are not valid
/// HTTP and never reach the application. Tomcat instantiates it by name.
public final class ProblemReportValve extends ErrorReportValve {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemReportValve.class);

    /// Tomcat has no exception type for this case.
    private static final String HEAD_TOO_LARGE =
            StringManager.getManager(Http11InputBuffer.class)
                    .getString("iib.requestheadertoolarge.error");

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        HttpStatus status = status(response.getStatus(), failure);
        if (response.getStatus() < 400 || status == null || !response.setErrorReported()) {
            return;
        }
        try {
            Problems.write(request, response, Problems.of(status));
        } catch (IOException | IllegalStateException e) {
            LOG.debug("client left before it was told status={}", status.value(), e);
        }
    }

    /// The status of a refused request. An HTTP version or transfer encoding other than HTTP/1.1's
    /// is a client error, because no upstream server supports it either.
    private static @Nullable HttpStatus status(int code, @Nullable Throwable failure) {
        if (failure != null && HEAD_TOO_LARGE.equals(failure.getMessage())) {
            return HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
        }
        return switch (code) {
            case 501, 505 -> HttpStatus.BAD_REQUEST;
            default -> HttpStatus.resolve(code);
        };
    }
}
