package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.grant.ClientLine;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.settings.FeedProperties;
import io.fustor.source.mysql.source.SeenSources;
import io.fustor.source.mysql.source.SourceId;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.source.Sources;
import io.fustor.source.mysql.source.UnknownSource;
import io.fustor.source.mysql.thread.Computing;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.Work;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// `GET /api/sources/{id}/events`: checks the request, finds the place to begin at, and then serves
/// the stream on the request's own virtual thread. Whatever is wrong with a request is answered
/// before the stream starts.
@RestController
@Tag(name = "Feed", description = "The changes of a source, as a stream")
@EnableConfigurationProperties(FeedProperties.class)
class FeedController {

    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final String BUFFERING = "X-Accel-Buffering";

    /// In characters.
    private static final int USUAL_QUERY = 512;

    private static final Logger log = LoggerFactory.getLogger(FeedController.class);

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final Beginnings beginnings;
    private final FrameForms forms;
    private final StreamCodings codings;
    private final FeedStatistics statistics;
    private final FeedProperties properties;
    private final BufferPool pieces = new BufferPool();

    FeedController(
            Sources sources,
            Subscriptions subscriptions,
            Beginnings beginnings,
            FrameForms forms,
            StreamCodings codings,
            FeedStatistics statistics,
            FeedProperties properties) {
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.beginnings = beginnings;
        this.forms = forms;
        this.codings = codings;
        this.statistics = statistics;
        this.properties = properties;
    }

    @Operation(
            operationId = "subscribe",
            summary = "Subscribe to a source's changes, as Server-Sent Events or NDJSON",
            description =
                    "The answer is a stream, without an end unless `until` gives one; docs/feed.md"
                            + " describes its events. `HEAD` answers the same without a stream. The answer"
                            + " is Server-Sent Events unless the request accepts"
                            + " `application/x-ndjson`.")
    @Parameter(
            in = ParameterIn.HEADER,
            name = FeedController.LAST_EVENT_ID,
            description =
                    "An event id: resume right after it. Browsers send it when they connect"
                            + " again. It wins over `last_event_id`, `consumer`, `from` and"
                            + " `snapshot`.",
            example = FeedToken.EXAMPLE,
            schema = @Schema(type = "string"))
    @Parameter(
            in = ParameterIn.HEADER,
            name = HttpHeaders.ACCEPT_ENCODING,
            description =
                    "The content codings that the client can decode: `gzip` and `zstd` are"
                            + " offered. The one with the highest weight is taken, and gzip of two"
                            + " with the same.",
            example = "gzip",
            schema = @Schema(type = "string"))
    @ApiResponse(
            responseCode = "200",
            description =
                    "The stream, in UTF-8. It is compressed if `Accept-Encoding` names `gzip` or"
                            + " `zstd`; every event can be decoded as soon as it arrives.",
            headers = {
                @Header(
                        name = HttpHeaders.CONTENT_ENCODING,
                        description = "The coding of the stream; absent if it is not compressed.",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"gzip", "zstd"})),
                @Header(
                        name = HttpHeaders.VARY,
                        description = "Every response of this path depends on it.",
                        schema = @Schema(type = "string", allowableValues = "Accept-Encoding")),
                @Header(
                        name = HttpHeaders.CACHE_CONTROL,
                        description = "Keeps proxies from storing or changing the stream.",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = "no-cache, no-transform")),
                @Header(
                        name = FeedController.BUFFERING,
                        description = "Keeps nginx from holding the stream back.",
                        schema = @Schema(type = "string", allowableValues = "no"))
            },
            content = {
                @Content(
                        mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                        schema =
                                @Schema(
                                        type = "string",
                                        description =
                                                "Frames with `id`, `event` and `data`. A frame"
                                                        + " with `id` alone is a heartbeat, one"
                                                        + " without `event` a change; `data` is"
                                                        + " JSON."),
                        examples = @ExampleObject(name = "changes", value = FeedExample.STREAM)),
                @Content(
                        mediaType = MediaType.APPLICATION_NDJSON_VALUE,
                        schema =
                                @Schema(
                                        type = "string",
                                        description =
                                                "One JSON document a line. An empty line is a"
                                                        + " heartbeat, unless"
                                                        + " `heartbeats` is `ids`; an object with `control`"
                                                        + " a control event, any other a change,"
                                                        + " as `data` has it in the other form."))
            })
    @ApiResponse(
            responseCode = "400",
            description =
                    "A parameter is wrong, unknown, empty or given twice; the token is"
                            + " malformed, cut short or of another server's source; a table or"
                            + " column that is named in full does not exist; `from` lies in the"
                            + " future (`code` is `POSITION_AHEAD`); `until` is a place that the"
                            + " server cannot have; or `snapshot` comes with"
                            + " `from`, or with `ops` that leave inserts out.")
    @UnknownSource
    @ApiResponse(
            responseCode = "409",
            description =
                    "The source is stopped or disabled; or its server cannot be captured or a"
                            + " snapshot's table cannot be read (`code` names why).")
    @ApiResponse(
            responseCode = "410",
            description = "The position is gone and `on_lost` is `fail`; `code` names why.")
    @ApiResponse(
            responseCode = "429",
            description = "The caller has as many streams open as its grant allows.")
    @ApiResponse(
            responseCode = "503",
            description =
                    "The server cannot be reached now, a table is locked or the state database"
                            + " cannot be used (`code` names why), all places for subscribers or"
                            + " snapshots are taken, or the service is starting or stopping.")
    @GetMapping("/api/sources/{id}/events")
    void events(
            @PathVariable @SourceId String id,
            @ParameterObject FeedQuery query,
            Sight sight,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        FeedParameters asked = FeedParameters.parse(query, request.getHeader(LAST_EVENT_ID), sight);
        SourceRun run = SeenSources.of(sources, sight).run(id);
        Subscriptions.Place place = subscriptions.admit(sight);
        try (Taken taken = new Taken()) {
            taken.add(place::close);
            open(id, run, beginnings.stored(run, asked), place, request, response, taken);
        }
    }

    /// Sends the head, and leaves the stream to [ClientLine#serveRest].
    private void open(
            String id,
            SourceRun run,
            FeedParameters parameters,
            Subscriptions.Place place,
            HttpServletRequest request,
            HttpServletResponse response,
            Taken taken)
            throws IOException {
        Transport transport =
                AcceptedTransport.of(StreamCodings.given(request, HttpHeaders.ACCEPT));
        FrameForm form = beginnings.form(run, parameters, transport);
        Beginning beginning = beginnings.begin(run, parameters, form);
        taken.add(beginning::close);
        ContentCoding coding = codings.of(request);
        writeHead(form.transport(), coding, response);
        if (request.getMethod().equals("HEAD")) {
            return;
        }
        FrameForms.Lease lease = forms.lease(form);
        taken.add(lease::close);
        Subscription.SubscriptionId who = who(id, parameters);
        response.flushBuffer();
        ClientLine line = line(request);
        boolean isShort = isShort(request);
        Taken all = taken.handOver();
        line.serveRest(
                request,
                body -> {
                    try (all) {
                        if (isShort && !line.holdsRequest()) {
                            place.leaveRequest(!form.conditions().isEmpty());
                        }
                        ClientOutput out = output(lease, coding, body);
                        serve(run, lease, beginning, who, out, line, body);
                    }
                });
    }

    /// Whether what the stream keeps of its parameters takes no more room than usual.
    private static boolean isShort(HttpServletRequest request) {
        String query = request.getQueryString();
        return query == null || query.length() <= USUAL_QUERY;
    }

    private ClientOutput output(FrameForms.Lease lease, ContentCoding coding, OutputStream body) {
        LiveRun live =
                coding == ContentCoding.IDENTITY
                        ? null
                        : new LiveRun(lease.form(), coding, codings.compressors());
        return new ClientOutput(codings.stream(Computing.waiting(body), coding), pieces, live);
    }

    private static void writeHead(
            Transport transport, ContentCoding coding, HttpServletResponse response) {
        boolean sse = transport == Transport.SSE;
        response.setContentType(
                sse ? "text/event-stream;charset=UTF-8" : MediaType.APPLICATION_NDJSON_VALUE);
        response.setHeader("Cache-Control", "no-cache, no-transform");
        response.setHeader(BUFFERING, "no");
        StreamCodings.head(response, coding);
    }

    private static Subscription.SubscriptionId who(String id, FeedParameters parameters) {
        return new Subscription.SubscriptionId(
                HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt()),
                id,
                Instant.now(),
                parameters.heartbeatIds(),
                parameters.sight(),
                LocaleContextHolder.getLocale());
    }

    private static ClientLine line(HttpServletRequest request) {
        return Objects.requireNonNullElse(
                (ClientLine) request.getAttribute(ClientLine.ATTRIBUTE), ClientLine.NONE);
    }

    private void serve(
            SourceRun run,
            FrameForms.Lease lease,
            Beginning beginning,
            Subscription.SubscriptionId who,
            ClientOutput out,
            ClientLine line,
            OutputStream body)
            throws IOException {
        Subscription subscription =
                new Subscription(who, run, lease, out, beginning, properties.heartbeat(), line);
        MDC.put("source", who.source());
        MDC.put("subscriber", who.subscriber());
        subscriptions.begin(subscription);
        line.onGone(() -> subscription.end("client left"));
        line.onInputEnd(subscription::doubt);
        try {
            log.debug("subscription begins");
            subscription.serve();
            // The end of the response has to be on its way before the service may stop.
            body.close();
            if (subscription.isRevoked()) {
                line.finish(Subscription.GOODBYE);
            }
        } catch (IOException e) {
            InternalFailures.containSuppressed(Work.SUBSCRIPTION, who.subscriber(), e);
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
