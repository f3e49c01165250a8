package io.fustor.source.mysql.page;

import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.feed.FrameForms;
import io.fustor.source.mysql.feed.RequestedForms;
import io.fustor.source.mysql.feed.Subscriptions;
import io.fustor.source.mysql.grant.ClientLine;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.source.SeenSources;
import io.fustor.source.mysql.source.SourceId;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.source.Sources;
import io.fustor.source.mysql.source.UnknownSource;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.Work;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// `GET /api/sources/{id}/stream`: a page of a source's changes, by the read half of the Durable
/// Streams protocol. Checks the request and lets [Pages] answer it.
@RestController
@Tag(name = "Feed", description = "The changes of a source, as a stream")
@EnableConfigurationProperties(PageProperties.class)
class PageController {

    private static final Logger log = LoggerFactory.getLogger(PageController.class);

    private final Sources sources;
    private final Subscriptions places;
    private final RequestedForms forms;
    private final PageRequests requests;
    private final Pages pages;

    PageController(
            Sources sources,
            Subscriptions places,
            RequestedForms forms,
            PageRequests requests,
            Pages pages) {
        this.sources = sources;
        this.places = places;
        this.forms = forms;
        this.requests = requests;
        this.pages = pages;
    }

    @Operation(
            operationId = "readPage",
            summary = "Read a page of a source's changes",
            description =
                    "The read half of the Durable Streams protocol; docs/feed.md describes it. A"
                            + " page is a JSON array of changes. `Stream-Next-Offset` is the"
                            + " `offset` of the next page. A full page never changes. With"
                            + " `snapshot=initial`, pages with the rows of the tables come"
                            + " first. `HEAD` answers with the offset of the newest change.")
    @Parameter(
            in = ParameterIn.HEADER,
            name = HttpHeaders.IF_NONE_MATCH,
            description = "The entity tag of the page that the client has: 304 if it is the same.",
            example = "\"k0Qh3d1vHn8gT0aM2b5cXw9z\"",
            schema = @Schema(type = "string"))
    @Parameter(
            in = ParameterIn.HEADER,
            name = HttpHeaders.ACCEPT_ENCODING,
            description = "The content codings that the client can decode, as in the feed.",
            example = "gzip",
            schema = @Schema(type = "string"))
    @ApiResponse(
            responseCode = "200",
            description = "The page; with `live=sse`, pages as Server-Sent Events.",
            headers = {
                @Header(
                        name = PageHeaders.NEXT_OFFSET,
                        description = "The offset of the next page.",
                        schema = @Schema(type = "string")),
                @Header(
                        name = PageHeaders.UP_TO_DATE,
                        description = "`true` if there were no more changes.",
                        schema = @Schema(type = "string")),
                @Header(
                        name = PageHeaders.CURSOR,
                        description = "With `live`: what to send as `cursor` next time.",
                        schema = @Schema(type = "string")),
                @Header(
                        name = HttpHeaders.ETAG,
                        description = "The entity tag of the page.",
                        schema = @Schema(type = "string"))
            },
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON_VALUE,
                        array = @ArraySchema(schema = @Schema(type = "object")),
                        examples = @ExampleObject(name = "nothing yet", value = "[]")),
                @Content(
                        mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                        schema =
                                @Schema(
                                        type = "string",
                                        description =
                                                "Events `data` with a page and `control` with"
                                                        + " the place after it."),
                        examples =
                                @ExampleObject(
                                        name = "nothing yet",
                                        value = "event: control\ndata: {\"upToDate\":true}\n\n"))
            })
    @ApiResponse(
            responseCode = "204",
            description = "With `live=long-poll`: no change came in time.",
            content = {})
    @ApiResponse(
            responseCode = "304",
            description = "`If-None-Match` has the page's entity tag.",
            content = {})
    @ApiResponse(
            responseCode = "400",
            description =
                    "A parameter is wrong, `offset` is of another server's source, or a snapshot"
                            + " has a table that cannot be read in parts.")
    @UnknownSource
    @ApiResponse(
            responseCode = "409",
            description =
                    "The source is stopped or disabled, its server cannot be captured, the next"
                            + " change cannot be read, or a snapshot's table cannot (`code` names"
                            + " why).")
    @ApiResponse(responseCode = "410", description = "The offset is gone; `code` names why.")
    @ApiResponse(
            responseCode = "429",
            description = "The caller has as many streams open as its grant allows.")
    @ApiResponse(
            responseCode = "503",
            description =
                    "The server or the state database cannot be reached now, all places for"
                            + " subscribers or snapshots are taken, the snapshot was cancelled, or"
                            + " the service is starting or stopping.")
    @GetMapping("/api/sources/{id}/stream")
    void page(
            @PathVariable @SourceId String id,
            @ParameterObject PageQuery query,
            Sight sight,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        PageStart asked = PageStart.parse(query.offset(), query.withRows());
        PageCall.Live live = PageCall.Live.of(query.live());
        boolean isFirst = !(asked instanceof PageStart.After);
        RequestedForms.Checked checked = forms.check(query.form(isFirst), sight);
        SourceRun run = SeenSources.of(sources, sight).run(id);
        Thread thread = Thread.currentThread();
        try (var _ = places.admit(sight);
                var registered = requests.begin(sight, line(request));
                var _ = run.onEnd(() -> LockSupport.unpark(thread));
                FrameForms.Lease lease = forms.lease(run, checked, Transport.PAGE, isFirst)) {
            pages.serve(
                    new PageCall(
                            run,
                            checked,
                            lease.form(),
                            sight,
                            query.cursor(),
                            live,
                            registered,
                            request,
                            response),
                    asked);
        } catch (IOException e) {
            InternalFailures.containSuppressed(Work.SUBSCRIPTION, "page", e);
            log.debug("reader of a page left source={}", id);
        }
    }

    private static ClientLine line(HttpServletRequest request) {
        return Objects.requireNonNullElse(
                (ClientLine) request.getAttribute(ClientLine.ATTRIBUTE), ClientLine.NONE);
    }
}
