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

/// Writes a problem where Tomcat would write a page of HTML: for requests that are no HTTP, and so
/// never reach the application. Tomcat makes it by its name.
public final class ProblemReportValve extends ErrorReportValve {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemReportValve.class);

    /// Tomcat throws no type of its own for it.
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
            Problems.write(request, response, status, Problems.detail(status));
        } catch (IOException | IllegalStateException e) {
            LOG.debug("client left before it was told status={}", status.value(), e);
        }
    }

    /// A version or a transfer encoding that is not HTTP/1.1's is the client's mistake here: there
    /// is no other server behind this one that knows it.
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
