package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.checkpoint.Checkpoint;
import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.position.FeedToken;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.Explode;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.BindParam;

/// The query of a subscription's request, as it came. Its components are the parameters that there
/// are: the request with another is refused, and the interface's document lists them, but for other
/// spellings of one.
///
/// @param lastEventId what libraries for EventSource append when they connect again
@SuppressWarnings("ArrayRecordComponent") // never compared
record FeedQuery(
        @Parameter(
                        description =
                                "Where to begin: `now`, after everything committed when the"
                                        + " request comes; `earliest`, the oldest change that"
                                        + " the server still has; an event id, right after that"
                                        + " event; an integer, after the change with that"
                                        + " `index`; an RFC 3339 time, the first transaction"
                                        + " committed then or later; `gtid:<set>`, the first"
                                        + " transaction that the set lacks.",
                        example = "2026-01-31T23:59:59Z",
                        schema = @Schema(type = "string", defaultValue = "now"))
                @Nullable String from,
        @Parameter(
                        description =
                                "Where the stream ends, with `end` and the reason `until`: `now`,"
                                        + " after everything committed when the request comes;"
                                        + " an RFC 3339 time, before the first transaction"
                                        + " committed then or later; `gtid:<set>`, after the"
                                        + " last transaction of the set; an event id, after that"
                                        + " event. Not together with `snapshot=only`.",
                        example = "now",
                        schema = @Schema(type = "string"))
                @Nullable String until,
        @BindParam("last_event_id")
                @Parameter(
                        name = "last_event_id",
                        description =
                                "An event id: resume right after it. The header Last-Event-ID"
                                        + " wins over it, and it wins over `consumer`, `from`"
                                        + " and `snapshot`.",
                        example = FeedToken.EXAMPLE,
                        schema = @Schema(type = "string"))
                @Nullable String resumeAfter,
        @Parameter(hidden = true) @Nullable String lastEventId,
        @Parameter(
                        description =
                                "A consumer's name: resume from its checkpoint, if it has one;"
                                        + " otherwise `from` holds.",
                        example = "search-index",
                        schema =
                                @Schema(
                                        type = "string",
                                        pattern = "^" + Checkpoint.NAME_FORM + "$"))
                @Nullable String consumer,
        @Parameter(
                        description =
                                "`initial`: the rows of the selected tables first, then every"
                                        + " change after them; `only`: the rows, then the stream"
                                        + " ends; `none`: changes only. Not together with"
                                        + " `from`.",
                        example = "initial",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"none", "initial", "only"},
                                        defaultValue = "none"))
                @Nullable String snapshot,
        @Parameter(
                        description =
                                "Tables as `schema.table`, `*` as wildcard in either part, a"
                                        + " part that holds a dot, a comma or a star in"
                                        + " backquotes. Without it, every table but those of the"
                                        + " system schemas.",
                        explode = Explode.FALSE,
                        example = "[\"shop.orders\", \"shop.order_*\"]",
                        array = @ArraySchema(schema = @Schema(type = "string")))
                @Nullable String tables,
        @Parameter(
                        description =
                                "Columns as `schema.table.column`: only these columns, and only"
                                        + " their tables. Without it, all columns.",
                        explode = Explode.FALSE,
                        example = "[\"shop.orders.id\", \"shop.orders.status\"]",
                        array = @ArraySchema(schema = @Schema(type = "string")))
                @Nullable String fields,
        @Parameter(
                        description =
                                "Columns that are left out, as `schema.table.column`, `*` as"
                                        + " wildcard in each part. A table of which no other"
                                        + " column is left is not selected.",
                        explode = Explode.FALSE,
                        example = "[\"shop.customers.email\", \"*.*.password\"]",
                        array = @ArraySchema(schema = @Schema(type = "string")))
                @Nullable String without,
        @Parameter(
                        description =
                                "Only rows of a table that meet a condition, as"
                                        + " `schema.table: condition`; may be given more than"
                                        + " once. Wildcards as in `tables`. An update by which a"
                                        + " row comes to meet it is an insert, and one by which"
                                        + " a row ceases to meet it is a delete.",
                        example = "[\"shop.orders: status in ('new', 'paid') and total >= 100\"]",
                        array =
                                @ArraySchema(
                                        maxItems = Conditions.MOST,
                                        schema =
                                                @Schema(
                                                        type = "string",
                                                        maxLength = Conditions.LONGEST)))
                String @Nullable [] where,
        @Parameter(
                        description = "Only these kinds of changes. Without it, all.",
                        explode = Explode.FALSE,
                        example = "[\"insert\", \"delete\"]",
                        array =
                                @ArraySchema(
                                        schema =
                                                @Schema(
                                                        type = "string",
                                                        allowableValues = {
                                                            "insert", "update", "delete"
                                                        })))
                @Nullable String ops,
        @Parameter(
                        description =
                                "How changes are written: in Fustor's form, or in Debezium's"
                                        + " envelope with one row an event.",
                        example = "debezium",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"fustor", "debezium"},
                                        defaultValue = "fustor"))
                @Nullable String format,
        @Parameter(
                        description = "At most this many rows in one event.",
                        example = "100",
                        schema =
                                @Schema(
                                        type = "integer",
                                        minimum = "1",
                                        maximum = "" + FeedParameters.LARGEST_BATCH,
                                        defaultValue = "" + FeedParameters.DEFAULT_BATCH))
                @Nullable String batch,
        @BindParam("on_lost")
                @Parameter(
                        name = "on_lost",
                        description =
                                "What to do where the position is gone. `fail`: answer 410;"
                                        + " `snapshot`: a `position_lost` event, then as"
                                        + " `snapshot=initial`; `latest`: a `position_lost`"
                                        + " event, then from now.",
                        example = "snapshot",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"fail", "snapshot", "latest"},
                                        defaultValue = "fail"))
                @Nullable String onLost,
        @Parameter(
                        description = "Whether a `commit` event follows each transaction.",
                        example = "true",
                        schema = @Schema(type = "boolean", defaultValue = "false"))
                @Nullable String transactions,
        @BindParam("big_numbers")
                @Parameter(
                        name = "big_numbers",
                        description =
                                "`string`: numbers that a double may not hold exactly become"
                                        + " strings.",
                        example = "string",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"number", "string"},
                                        defaultValue = "number"))
                @Nullable String bigNumbers,
        @Parameter(
                        description =
                                "Heartbeats of NDJSON: empty lines, or `ids`: objects with"
                                        + " `control` `heartbeat` and the event id. Heartbeats of"
                                        + " Server-Sent Events always have it.",
                        example = "ids",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"empty", "ids"},
                                        defaultValue = "empty"))
                @Nullable String heartbeats) {}
