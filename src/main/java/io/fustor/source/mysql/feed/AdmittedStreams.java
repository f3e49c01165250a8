package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.grant.ClientLine;
import io.fustor.source.mysql.memory.ClientMemory;
import io.fustor.source.mysql.settings.FeedProperties;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.Work;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.stereotype.Component;

/// Serves streams to HTTP clients, each on a virtual thread that waits for its client and for the
/// next change.
///
/// Over HTTP/1.1 that is not the request's thread, which stands below all filters of the web
/// server: its stack, and what the filters hold, take more than everything else that a stream
/// needs.
@Component
class AdmittedStreams {

    private static final Logger log = LoggerFactory.getLogger(AdmittedStreams.class);

    private final Subscriptions subscriptions;
    private final FrameForms forms;
    private final StreamCodings codings;
    private final FeedStatistics statistics;
    private final FeedProperties properties;
    private final BufferPool pieces = new BufferPool();

    AdmittedStreams(
            Subscriptions subscriptions,
            FrameForms forms,
            StreamCodings codings,
            FeedStatistics statistics,
            FeedProperties properties) {
        this.subscriptions = subscriptions;
        this.forms = forms;
        this.codings = codings;
        this.statistics = statistics;
        this.properties = properties;
    }

    /// What the stream that a request asks for takes of the heap.
    static ClientMemory.Use use(HttpServletRequest request) {
        return line(request).isDetachable()
                ? ClientMemory.Use.SUBSCRIBER
                : ClientMemory.Use.SUBSCRIBER_BELOW_FILTERS;
    }

    /// Serves a stream to its end, and gives back what it took. Returns before that if another
    /// thread serves it.
    void serve(AdmittedStream stream, HttpServletRequest request, HttpServletResponse response) {
        ClientLine line = line(request);
        boolean isHandedOver = false;
        try {
            if (!line.isDetachable()) {
                OutputStream body = response.getOutputStream();
                isHandedOver = true;
                serve(stream, line, body);
                return;
            }
            // The filters add their headers now: later they would do so while the stream is
            // written.
            response.flushBuffer();
            AsyncContext answer = request.startAsync();
            answer.setTimeout(0);
            OutputStream body = answer.getResponse().getOutputStream();
            line.detach(() -> complete(stream, line, body, answer));
            isHandedOver = true;
        } catch (IOException e) {
            log.debug("subscriber left before its stream began", e);
        } finally {
            if (!isHandedOver) {
                over(stream);
            }
        }
    }

    private static ClientLine line(HttpServletRequest request) {
        return Objects.requireNonNullElse(
                (ClientLine) request.getAttribute(ClientLine.ATTRIBUTE), ClientLine.NONE);
    }

    private void complete(
            AdmittedStream stream, ClientLine line, OutputStream body, AsyncContext answer) {
        try {
            serve(stream, line, body);
        } finally {
            complete(answer);
        }
    }

    private static void complete(AsyncContext answer) {
        try {
            answer.complete();
        } catch (IllegalStateException e) {
            log.debug("the web server has ended the answer, since its client left", e);
        }
    }

    /// Gives back what a stream took that is not served.
    void over(AdmittedStream stream) {
        try {
            stream.beginning().close();
        } finally {
            subscriptions.release(stream.who().sight(), stream.use());
        }
    }

    private void serve(AdmittedStream stream, ClientLine line, OutputStream response) {
        try (FrameForms.Lease lease = forms.lease(stream.form())) {
            serve(stream, lease.form(), line, response);
        } finally {
            over(stream);
        }
    }

    private void serve(
            AdmittedStream stream, FrameForm form, ClientLine line, OutputStream response) {
        Subscription.SubscriptionId who = stream.who();
        Subscription subscription =
                new Subscription(
                        who,
                        stream.run(),
                        new EventEncoder(form),
                        output(form, stream.coding(), response),
                        stream.beginning(),
                        properties.heartbeat(),
                        line);
        MDC.put("source", who.source());
        MDC.put("subscriber", who.subscriber());
        subscriptions.begin(subscription);
        line.onGone(() -> subscription.end("client left"));
        line.onInputEnd(subscription::doubt);
        try {
            log.debug("subscription begins");
            subscription.serve();
            // The end of the response has to be on its way before the service may stop.
            response.close();
            if (subscription.isRevoked()) {
                line.finish(Subscription.GOODBYE);
            }
        } catch (IOException e) {
            InternalFailures.containSuppressed(Work.SUBSCRIPTION, who.subscriber(), e);
            log.debug(
                    "subscriber left rows={} bytes={}", subscription.rows(), subscription.bytes());
        } finally {
            line.onInputEnd(null);
            subscriptions.over(subscription);
            statistics.ended(subscription);
            MDC.remove("source");
            MDC.remove("subscriber");
        }
    }

    private ClientOutput output(FrameForm form, ContentCoding coding, OutputStream response) {
        LiveRun live =
                coding == ContentCoding.IDENTITY
                        ? null
                        : new LiveRun(form, coding, codings.compressors());
        return new ClientOutput(codings.stream(response, coding), pieces, live);
    }
}
