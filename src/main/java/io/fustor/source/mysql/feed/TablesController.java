package io.fustor.source.mysql.feed;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.encode.EventSchema;
import io.fustor.source.mysql.encode.Format;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.PassedOver;
import io.fustor.source.mysql.server.TableDescription;
import io.fustor.source.mysql.server.TableDrafts;
import io.fustor.source.mysql.source.SeenSources;
import io.fustor.source.mysql.source.SourceId;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.source.Sources;
import io.fustor.source.mysql.source.UnknownSource;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.DigestUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/// `/api/sources/{id}/tables`: the tables that a caller may subscribe to, and the JSON Schemas of
/// their changes. What is not granted is answered as what does not exist. Asks the source's server.
@RestController
@Tag(name = "Tables", description = "The tables of a source, and the schemas of their changes")
@RequestMapping("/api/sources/{id}/tables")
class TablesController {

    private static final String SCHEMA_JSON = "application/schema+json";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Sources sources;

    TablesController(Sources sources) {
        this.sources = sources;
    }

    @Schema(name = "Table", description = "A table whose changes the caller may receive.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record TableView(
            @Schema(description = "Its schema.", example = "shop") String eventSchema,
            @Schema(description = "Its name.", example = "orders") String table,
            @Schema(description = "The kind of table: always `table`.", example = "table")
                    String kind,
            @Schema(description = "The visible columns, in table order.") List<ColumnView> columns,
            @Schema(
                            description =
                                    "The columns of the key, as in changes; empty without a key,"
                                            + " or if one of its columns is not visible.",
                            example = "[\"id\"]")
                    List<String> primaryKey,
            @Schema(
                            description =
                                    "The server's estimate of the number of rows; 0 for a caller"
                                            + " whose grant has conditions.",
                            example = "120000")
                    long estimatedRows) {}

    @Schema(name = "TableColumn", description = "A column as its values are delivered.")
    record ColumnView(
            @Schema(description = "Its name.", example = "total") String name,
            @Schema(
                            description =
                                    "Its type in lower case, as in `schema_changed`; `string` if"
                                            + " the caller sees it masked.",
                            example = "decimal")
                    String type,
            @Schema(description = "Whether it is a number without a sign.") boolean unsigned,
            @Schema(description = "Whether its values may be null.") boolean nullable) {}

    @Operation(
            operationId = "listTables",
            summary = "List the tables of a source that the caller may see",
            description =
                    "Tables whose rows can be read, outside the system schemas, by schema and"
                            + " name. The server is asked on each request.")
    @ApiResponse(responseCode = "200", description = "The tables.")
    @UnknownSource
    @ApiResponse(responseCode = "409", description = "The source is stopped or disabled.")
    @ApiResponse(responseCode = "503", description = "The server cannot be asked; see `code`.")
    @GetMapping
    List<TableView> tables(@PathVariable @SourceId String id, Sight sight) {
        SourceRun run = SeenSources.of(sources, sight).run(id);
        Masks masks = Beginnings.masks(run, sight);
        Selection selection = stored(run, Selection.EVERYTHING.within(sight.scope()));
        boolean hidesCounts = sight.grant().conditions().hasGranted();
        return run.capture().server().describe(selection).readable().stream()
                .filter(table -> selection.includes(table.schema()))
                .map(table -> view(table, selection, masks, hidesCounts))
                .toList();
    }

    private static TableView view(
            TableDescription described, Selection selection, Masks masks, boolean hidesCounts) {
        TableSchema table = described.schema();
        List<ColumnView> columns = new ArrayList<>();
        for (int ordinal = 0; ordinal < table.columnCount(); ordinal++) {
            Column column = table.columns().get(ordinal);
            if (!selection.includes(table.id(), column.name())) {
                continue;
            }
            boolean isMasked = masks.of(table.id(), column.name()) != null;
            columns.add(
                    new ColumnView(
                            column.name(),
                            isMasked ? "string" : column.type().name().toLowerCase(Locale.ROOT),
                            column.unsigned() && !isMasked,
                            described.nullable().contains(ordinal)));
        }
        return new TableView(
                table.id().schema(),
                table.id().table(),
                "table",
                columns,
                EventSchema.key(table, selection.scope()),
                hidesCounts ? 0 : described.estimatedRows());
    }

    @Operation(
            operationId = "getTableSchema",
            summary = "Get the JSON Schema of a table's changes",
            description =
                    "A JSON Schema (2020-12) of the changes of the table as it is now, from the"
                            + " stream and from snapshots, as the caller receives them. It"
                            + " allows nothing else.")
    @ApiResponse(
            responseCode = "200",
            description = "The schema.",
            headers =
                    @Header(
                            name = HttpHeaders.ETAG,
                            description = "Changes with the columns, the form and the masks.",
                            schema = @Schema(type = "string")),
            content =
                    @Content(
                            mediaType = SCHEMA_JSON,
                            schema = @Schema(type = "object", description = "A JSON Schema.")))
    @ApiResponse(
            responseCode = "304",
            description = "The schema is that of `If-None-Match`.",
            content = @Content)
    @ApiResponse(responseCode = "404", description = "There is no such source, or no such table.")
    @ApiResponse(
            responseCode = "409",
            description =
                    "The source is stopped or disabled, or the table cannot be read (`code` names"
                            + " why).")
    @ApiResponse(responseCode = "503", description = "The server cannot be asked; see `code`.")
    @GetMapping("/{table}/schema")
    ResponseEntity<byte[]> schema(
            @PathVariable @SourceId String id,
            @PathVariable
                    @Parameter(
                            description =
                                    "The table as `schema.table`; a part that holds a dot or a star"
                                            + " in backquotes.",
                            example = "shop.orders")
                    String table,
            @RequestParam(required = false)
                    @Parameter(
                            description = "The format of the changes.",
                            example = "debezium",
                            schema =
                                    @Schema(
                                            type = "string",
                                            allowableValues = {"fustor", "debezium"},
                                            defaultValue = "fustor"))
                    @Nullable String format,
            @RequestParam(name = "big_numbers", required = false)
                    @Parameter(
                            description = "As in the feed.",
                            example = "string",
                            schema =
                                    @Schema(
                                            type = "string",
                                            allowableValues = {"number", "string"},
                                            defaultValue = "number"))
                    @Nullable String bigNumbers,
            Sight sight) {
        Format written = FeedParameters.format(format);
        boolean bigAsStrings = FeedParameters.bigNumbersAsStrings(bigNumbers);
        Selection.TablePattern name = name(table);
        SourceRun run = SeenSources.of(sources, sight).run(id);
        Selection asked = new Selection(List.of(name), Map.of()).within(sight.scope());
        Selection selection = stored(run, asked);
        TableDescription found = find(run.capture().server(), selection, table);
        FrameForm form =
                FrameForm.whole(id, written, selection, bigAsStrings)
                        .with(Conditions.NONE, Beginnings.masks(run, sight));
        byte[] document =
                JSON.writeValueAsBytes(
                        EventSchema.of(
                                found.schema(),
                                found.nullable(),
                                run.capture().server().writesWholeRows(),
                                form));
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType(SCHEMA_JSON))
                .cacheControl(CacheControl.noCache().cachePrivate())
                .eTag('"' + DigestUtils.md5DigestAsHex(document) + '"')
                .body(document);
    }

    private static Selection.TablePattern name(String table) {
        try {
            Selection.TablePattern name = Selection.TablePattern.parse(table);
            if (name.isName()) {
                return name;
            }
        } catch (IllegalArgumentException _) {
            // Answered like a wildcard.
        }
        throw RequestException.invalid("tables.name");
    }

    private static Selection stored(SourceRun run, Selection asked) {
        return asked.under(run.capture().server().identity().names());
    }

    private static TableDescription find(MySqlServer server, Selection selection, String table) {
        TableDrafts drafts = server.describe(selection);
        for (TableDescription found : drafts.readable()) {
            if (selection.includes(found.schema())) {
                return found;
            }
        }
        for (PassedOver passed : drafts.passedOver()) {
            if (selection.scope().hasAllColumns() && selection.includes(passed.table())) {
                throw new SourceException(
                        passed.code(),
                        "the rows of " + passed.table() + " cannot be read: " + passed.reason());
            }
        }
        throw RequestException.refused(RequestCode.NOT_FOUND, "tables.unknown", table);
    }
}
