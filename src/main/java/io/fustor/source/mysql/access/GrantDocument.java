package io.fustor.source.mysql.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.grant.Grant;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/// A grant as JSON: in the body of a request, in the claim of a JWT, in the configuration and in
/// the state database. An absent key has its default.
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "Grant", description = "What a reader may see. An absent key has its default.")
record GrantDocument(
        @Schema(
                        description = "Ids of sources, `*` as wildcard; without it, all.",
                        example = "[\"shop\"]")
                @Nullable List<String> sources,
        @Schema(
                        description =
                                "Tables as in the feed's parameter; without it, all but those of"
                                        + " the system schemas.",
                        example = "[\"shop.orders\"]")
                @Nullable List<String> tables,
        @Schema(
                        description =
                                "The only visible columns as `schema.table.column`, `*` allowed"
                                        + " in each part; without it, all.",
                        example = "[\"shop.orders.*\"]")
                @Nullable List<String> fields,
        @Schema(
                        description = "Columns that are not visible, in the same form.",
                        example = "[\"*.*.email\"]")
                @Nullable List<String> without,
        @Schema(
                        description = "Conditions that rows must meet, one table each.",
                        example = "[\"shop.orders: customer_id = 17\"]")
                @Nullable List<String> where,
        @Schema(description = "Whether masked columns are shown in clear.", defaultValue = "false")
                @Nullable Boolean unmasked,
        @Schema(description = "Whether the reader may take snapshots.", defaultValue = "true")
                @Nullable Boolean snapshots,
        @Schema(
                        description =
                                "How many streams the reader may have open at a time, on each"
                                        + " instance.",
                        minimum = "1",
                        defaultValue = "" + Grant.DEFAULT_STREAMS)
                @Nullable Integer maxStreams,
        @JsonInclude(JsonInclude.Include.NON_NULL)
                @Schema(
                        description =
                                "Whether caches that callers share may keep pages of the"
                                        + " reader.",
                        defaultValue = "false")
                @Nullable Boolean sharedCache,
        @Schema(
                        description = "When the grant ends; without it, never.",
                        format = "date-time",
                        example = "2027-01-01T00:00:00Z")
                @Nullable String expires) {

    private static final JsonMapper STRICT =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .withCoercionConfig(
                            LogicalType.Textual,
                            config ->
                                    config.setCoercion(
                                                    CoercionInputShape.Integer, CoercionAction.Fail)
                                            .setCoercion(
                                                    CoercionInputShape.Float, CoercionAction.Fail)
                                            .setCoercion(
                                                    CoercionInputShape.Boolean,
                                                    CoercionAction.Fail))
                    .build();

    /// Reads what the claim of a JWT holds.
    ///
    /// @throws RequestException `INVALID_REQUEST` with what is wrong
    static GrantDocument of(Map<?, ?> claim) {
        return parse(STRICT.writeValueAsString(claim));
    }

    /// Reads JSON.
    ///
    /// @throws RequestException `INVALID_REQUEST` with what is wrong
    static GrantDocument parse(String json) {
        try {
            return STRICT.readValue(json, GrantDocument.class);
        } catch (JacksonException e) {
            throw RequestException.invalid(
                    "grant.unreadable", String.valueOf(e.getOriginalMessage()));
        }
    }

    static GrantDocument of(Grant grant) {
        Instant expires = grant.expires();
        return new GrantDocument(
                orNull(grant.sources()),
                orNull(grant.tables()),
                orNull(grant.fields()),
                orNull(grant.without()),
                orNull(grant.where()),
                grant.unmasked(),
                grant.snapshots(),
                grant.maxStreams(),
                grant.sharedCache() ? true : null,
                expires == null ? null : expires.toString());
    }

    private static @Nullable List<String> orNull(List<String> elements) {
        return elements.isEmpty() ? null : elements;
    }

    String json() {
        return STRICT.writeValueAsString(this);
    }

    /// @throws RequestException `INVALID_REQUEST` with the key and what it takes
    Grant check() {
        return new Grant(
                chosen("sources", sources),
                chosen("tables", tables),
                chosen("fields", fields),
                without == null ? List.of() : without,
                where == null ? List.of() : where,
                unmasked != null && unmasked,
                snapshots == null || snapshots,
                maxStreams == null ? Grant.DEFAULT_STREAMS : maxStreams,
                sharedCache != null && sharedCache,
                expires == null ? null : instant(expires));
    }

    /// An empty list would read as nothing, and a grant of nothing is no grant.
    private static List<String> chosen(String key, @Nullable List<String> elements) {
        if (elements == null) {
            return List.of();
        }
        if (elements.isEmpty()) {
            throw RequestException.invalid("grant.empty", key);
        }
        return elements;
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException _) {
            throw RequestException.invalid("grant.expires");
        }
    }
}
