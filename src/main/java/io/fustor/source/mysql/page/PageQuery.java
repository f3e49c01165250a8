package io.fustor.source.mysql.page;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.feed.RequestedForms;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.Explode;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.BindParam;

/// The query of a request for a page, as it came. The parameters that choose changes and their
/// format are the feed's.
@SuppressWarnings("ArrayRecordComponent") // never compared
record PageQuery(
        @Parameter(
                        description =
                                "Where the page begins: `-1`, the oldest change that the server"
                                        + " still has; `now`, after everything committed when"
                                        + " the request comes; a value of `Stream-Next-Offset`"
                                        + " or an event id, right after that place.",
                        example = "-1",
                        schema = @Schema(type = "string", defaultValue = "-1"))
                @Nullable String offset,
        @Parameter(
                        description =
                                "`initial`: with `offset` `-1` or `now`, pages with the rows of the"
                                        + " tables come first. They are of one client and not"
                                        + " cached. A place to resume from wins over it.",
                        example = "initial",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"none", "initial"},
                                        defaultValue = "none"))
                @Nullable String snapshot,
        @Parameter(
                        description =
                                "`long-poll`: wait for the first change if there is none yet;"
                                        + " `sse`: a stream of pages.",
                        example = "long-poll",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"long-poll", "sse"}))
                @Nullable String live,
        @Parameter(
                        description =
                                "The value of `Stream-Cursor` in the last live answer, so that"
                                        + " caches can collapse requests.",
                        example = "3383952",
                        schema = @Schema(type = "string"))
                @Nullable String cursor,
        @Parameter(
                        description = "Tables, as in the feed.",
                        explode = Explode.FALSE,
                        example = "[\"shop.orders\"]",
                        array = @ArraySchema(schema = @Schema(type = "string")))
                @Nullable String tables,
        @Parameter(
                        description = "Columns, as in the feed.",
                        explode = Explode.FALSE,
                        example = "[\"shop.orders.id\"]",
                        array = @ArraySchema(schema = @Schema(type = "string")))
                @Nullable String fields,
        @Parameter(
                        description = "Columns that are left out, as in the feed.",
                        explode = Explode.FALSE,
                        example = "[\"shop.customers.email\"]",
                        array = @ArraySchema(schema = @Schema(type = "string")))
                @Nullable String without,
        @Parameter(
                        description = "Row conditions, as in the feed.",
                        example = "[\"shop.orders: total >= 100\"]",
                        array = @ArraySchema(schema = @Schema(type = "string")))
                String @Nullable [] where,
        @Parameter(
                        description = "Only these kinds of changes. Without it, all.",
                        explode = Explode.FALSE,
                        example = "[\"insert\"]",
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
                        description = "How changes are written, as in the feed.",
                        example = "debezium",
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = {"fustor", "debezium"},
                                        defaultValue = "fustor"))
                @Nullable String format,
        @Parameter(
                        description = "At most this many rows in one element.",
                        example = "100",
                        schema =
                                @Schema(
                                        type = "integer",
                                        minimum = "1",
                                        maximum = "10000",
                                        defaultValue = "500"))
                @Nullable String batch,
        @Parameter(
                        description = "Whether a `commit` element follows each transaction.",
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
                @Nullable String bigNumbers) {

    /// Whether the rows of the tables come first.
    boolean withRows() {
        if (snapshot == null || snapshot.isBlank()) {
            return false;
        }
        return switch (snapshot) {
            case "none" -> false;
            case "initial" -> true;
            default -> throw RequestException.invalid("feed.choice", "snapshot", "initial, none");
        };
    }

    /// The parameters that choose changes and their format.
    ///
    /// @param isFirst whether the request begins and does not resume
    RequestedForms.Asked form(boolean isFirst) {
        return new RequestedForms.Asked(
                isFirst ? snapshot : null,
                tables,
                fields,
                without,
                where,
                ops,
                format,
                batch,
                transactions,
                bigNumbers);
    }
}
