package io.fustor.source.mysql.source;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The fields of a server's tables as the OpenAPI document describes them. These types are never
/// instantiated: fields are written and stored as JSON, possibly tens of megabytes.
public final class DocumentedFields {

    private DocumentedFields() {}

    @Schema(description = "The structure of a server's tables.")
    public record Fields(
            @Schema(description = "The fields by `schema.table.column`.")
                    Map<String, Field> properties) {}

    @Schema(description = "A column of a table.")
    public record Field(
            @Schema(description = "Its type in JSON Schema.", example = "number") String type,
            @Schema(description = "Its format in JSON Schema.", example = "date-time")
                    @Nullable String format,
            @Schema(description = "Its index in the table, from 0.", example = "2") int columnIndex,
            @Schema(
                            description =
                                    "Its type on the server; `string` for a caller who sees it masked.",
                            example = "decimal(12,2) unsigned")
                    String mysqlType,
            @Schema(description = "Whether it may be null.") boolean nullable,
            @Schema(
                            description =
                                    "Its position in the primary key, from 1; null if not part of it.",
                            example = "1")
                    @Nullable Integer primaryKey,
            @Schema(description = "Its comment on the server.") @Nullable String comment) {}

    @Schema(name = "DiscoveredFields", description = "The result of the discovery.")
    public record Found(
            @Schema(description = "Always true.") boolean success,
            @Schema(description = "The number of fields and tables, in one line.") String message,
            @Schema(description = "The fields found.") Fields fields) {}
}
