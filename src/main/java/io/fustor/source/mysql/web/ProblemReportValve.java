package io.fustor.source.mysql.web;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;

/// Writes a problem where Tomcat would write a page of HTML: for requests that are no HTTP, and so
/// never reach the application. Tomcat makes it by its name.
public final class ProblemReportValve extends ErrorReportValve {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemReportValve.class);

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        HttpStatus status = HttpStatus.resolve(response.getStatus());
        if (response.getStatus() < 400 || status == null || !response.setErrorReported()) {
            return;
        }
        try {
            Problems.write(request, response, status, Problems.detail(status));
        } catch (IOException | IllegalStateException e) {
            LOG.debug("client left before it was told status={}", status.value(), e);
        }
    }
}
