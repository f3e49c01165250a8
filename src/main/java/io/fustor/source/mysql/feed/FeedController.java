package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.source.Sources;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// `GET /api/sources/{id}/events`: checks the request, finds the place to begin at, and then serves
/// the stream on the request's own virtual thread. Whatever is wrong with a request is answered
/// before the stream starts.
@RestController
@Tag(name = "feed")
@EnableConfigurationProperties(FeedProperties.class)
class FeedController {

    private static final Logger log = LoggerFactory.getLogger(FeedController.class);

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final Beginnings beginnings;
    private final FrameForms forms;
    private final FeedStatistics statistics;
    private final FeedProperties properties;
    private final Pieces pieces = new Pieces();

    FeedController(
            Sources sources,
            Subscriptions subscriptions,
            Beginnings beginnings,
            FrameForms forms,
            FeedStatistics statistics,
            FeedProperties properties) {
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.beginnings = beginnings;
        this.forms = forms;
        this.statistics = statistics;
        this.properties = properties;
    }

    @Operation(summary = "Subscribe to a source's changes, as Server-Sent Events or NDJSON")
    @GetMapping("/api/sources/{id}/events")
    void events(@PathVariable String id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        FeedParameters parameters =
                FeedParameters.parse(request::getParameter, request.getHeader("Last-Event-ID"));
        SourceRun run = sources.run(id);
        subscriptions.admit();
        try (Beginning beginning = beginnings.begin(run, parameters)) {
            FrameForm form = form(id, parameters, transport(request));
            writeHead(form.transport(), response);
            if (request.getMethod().equals("HEAD")) {
                return;
            }
            try (FrameForms.Lease lease = forms.lease(form)) {
                serve(id, run, lease.form(), beginning, response);
            }
        } finally {
            subscriptions.release();
        }
    }

    private static Transport transport(HttpServletRequest request) {
        String accept = request.getHeader("Accept");
        return accept != null && accept.contains("application/x-ndjson")
                ? Transport.NDJSON
                : Transport.SSE;
    }

    private static FrameForm form(String id, FeedParameters parameters, Transport transport) {
        return new FrameForm(
                FeedToken.sourceNumber(id),
                id,
                parameters.format(),
                transport,
                parameters.selection(),
                parameters.operations(),
                parameters.batch(),
                parameters.bigNumbersAsStrings(),
                parameters.commits());
    }

    private static void writeHead(Transport transport, HttpServletResponse response) {
        boolean sse = transport == Transport.SSE;
        response.setContentType(sse ? "text/event-stream;charset=UTF-8" : "application/x-ndjson");
        response.setHeader("Cache-Control", "no-cache, no-transform");
        response.setHeader("X-Accel-Buffering", "no");
    }

    private void serve(
            String id,
            SourceRun run,
            FrameForm form,
            Beginning beginning,
            HttpServletResponse response)
            throws IOException {
        ClientOutput out = new ClientOutput(response.getOutputStream(), pieces);
        Subscription.SubscriptionId who =
                new Subscription.SubscriptionId(
                        UUID.randomUUID().toString().substring(0, 8), id, Instant.now());
        Subscription subscription =
                new Subscription(
                        who, run, new EventEncoder(form), out, beginning, properties.heartbeat());
        MDC.put("source", id);
        MDC.put("subscriber", who.subscriber());
        subscriptions.begin(subscription);
        try {
            log.debug("subscription begins");
            subscription.serve();
        } catch (IOException e) {
            log.debug(
                    "subscriber left rows={} bytes={}", subscription.rows(), subscription.bytes());
        } finally {
            subscriptions.over(subscription);
            statistics.ended(subscription);
            MDC.remove("source");
            MDC.remove("subscriber");
        }
    }
}
