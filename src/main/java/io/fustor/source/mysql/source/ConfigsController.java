package io.fustor.source.mysql.source;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.grant.Sight;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Fustor's API for configurations.
@RestController
@RequestMapping("/api/configs")
@Tag(name = "Configurations", description = "The configured sources")
class ConfigsController {

    /// The complete configuration. This service has sources only.
    @Schema(name = "Configurations", description = "The complete configuration.")
    record Configs(
            @Schema(description = "The sources by id.") Map<String, ConfigView> sources,
            @Schema(description = "Always empty: this service has none.")
                    Map<String, Object> pushers,
            @Schema(description = "Always empty: this service has none.")
                    Map<String, Object> syncs) {}

    /// A source to store.
    @Schema(description = "A source to store.")
    @JsonIgnoreProperties(ignoreUnknown = true)
    record NewSource(
            @Schema(description = "Its configuration.", requiredMode = Schema.RequiredMode.REQUIRED)
                    @Nullable ConfigDocument config,
            @Schema(
                            implementation = DocumentedFields.Fields.class,
                            description =
                                    "The fields of its tables: `fields` of the response of"
                                            + " discover_fields_no_cache, unchanged.")
                    @Nullable CachedFields discoveredFields) {

        private byte @Nullable [] fields() {
            return discoveredFields == null ? null : discoveredFields.compressed();
        }
    }

    /// A stored source.
    @Schema(description = "A stored source.")
    record StoredSource(
            @Schema(description = "The source's id.", example = "shop") String id,
            @Schema(description = "Its configuration, without the password.") ConfigView config,
            @Schema(
                            description =
                                    "Whether it can be captured, as far as a check of a few seconds shows.")
                    CheckReport check) {

        private static StoredSource of(Source source, CheckReport check) {
            return new StoredSource(source.id(), ConfigView.of(source), check);
        }
    }

    /// The result of the cleanup.
    @Schema(description = "The result of the cleanup.")
    record Cleanup(
            @Schema(description = "A sentence for people.", example = "Deleted shop.")
                    String message,
            @Schema(description = "How many sources were deleted.", example = "1") int deletedCount,
            @Schema(description = "Their ids.", example = "[\"shop\"]") List<String> deletedIds) {}

    private final Sources sources;
    private final SourceCheck check;

    ConfigsController(Sources sources, SourceCheck check) {
        this.sources = sources;
        this.check = check;
    }

    @GetMapping
    @Operation(
            operationId = "listConfigurations",
            summary = "List the complete configuration",
            description =
                    "Sources that the service's own configuration declares are among them, as"
                            + " `read_only`. A caller with a grant gets the sources that it"
                            + " sees, without address, user and settings.")
    @ApiResponse(
            responseCode = "200",
            description = "The sources, and empty lists for other kinds.")
    Configs configs(Sight sight) {
        return new Configs(sourceConfigs(sight), Map.of(), Map.of());
    }

    @GetMapping("/sources")
    @Operation(
            operationId = "listSourceConfigurations",
            summary = "List the configured sources by id",
            description =
                    "The response contains no passwords; `passwd_set` says whether one is stored.")
    @ApiResponse(responseCode = "200", description = "The configurations by the sources' ids.")
    Map<String, ConfigView> sourceConfigs(Sight sight) {
        Map<String, ConfigView> configs = new LinkedHashMap<>();
        SeenSources.of(sources, sight)
                .all()
                .forEach(source -> configs.put(source.id(), ConfigView.of(source, sight)));
        return configs;
    }

    @PostMapping("/sources/{id}")
    @Operation(
            operationId = "createSource",
            summary = "Store a new source and start it",
            description =
                    "The request may contain the fields that the wizard discovered, so that the"
                            + " interface finds them with the source. The source is stored regardless"
                            + " of its server; `check` says whether it can be captured.")
    @ApiResponse(
            responseCode = "201",
            description = "The source is stored.",
            headers =
                    @Header(
                            name = HttpHeaders.LOCATION,
                            description = "The path of its state.",
                            schema = @Schema(type = "string", example = "/api/sources/shop")))
    @ApiResponse(responseCode = "409", description = "The id is taken.")
    ResponseEntity<StoredSource> create(
            @PathVariable @SourceId String id, @RequestBody NewSource newSource, Locale language) {
        Source.checkId(id);
        if (newSource.config() == null) {
            throw RequestException.invalid("config.missing");
        }
        Source created = sources.create(id, newSource.config().check(), newSource.fields());
        return ResponseEntity.created(URI.create("/api/sources/" + id))
                .body(StoredSource.of(created, check.check(created.config(), language)));
    }

    @PutMapping("/sources/{id}")
    @Operation(
            operationId = "updateSource",
            summary = "Replace the configuration of a stored source",
            description =
                    "Its streams end and continue with their last event ids; its checkpoints remain."
                            + " Without credential.passwd the stored password remains, unless uri"
                            + " or user change.")
    @ApiResponse(responseCode = "200", description = "The configuration is stored.")
    @UnknownSource
    @DeclaredSource
    StoredSource update(
            @PathVariable @SourceId String id, @RequestBody NewSource changed, Locale language) {
        if (changed.config() == null) {
            throw RequestException.invalid("config.missing");
        }
        Source updated = sources.update(id, changed.config());
        return StoredSource.of(updated, check.check(updated.config(), language));
    }

    @DeleteMapping("/sources/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(
            operationId = "deleteSource",
            summary = "Stop a source and remove it with its checkpoints",
            description =
                    "Its streams end with a last event. Other sources of the same server continue.")
    @ApiResponse(responseCode = "204", description = "The source is deleted.")
    @UnknownSource
    @DeclaredSource
    void delete(@PathVariable @SourceId String id) {
        sources.delete(id);
    }

    @PostMapping("/sources/{id}/_actions/enable")
    @Operation(
            operationId = "enableSource",
            summary = "Enable a source, and start it",
            description =
                    "The source is read when the next subscriber connects. An enabled source does"
                            + " not change.")
    @ApiResponse(responseCode = "200", description = "The source is enabled.")
    @UnknownSource
    @DeclaredSource
    Message enable(@PathVariable @SourceId String id, Locale language) {
        sources.enable(id);
        return Message.of(language, "source.now-enabled", id);
    }

    @PostMapping("/sources/{id}/_actions/disable")
    @Operation(
            operationId = "disableSource",
            summary = "Stop a source, and disable it",
            description =
                    "Its streams end with a last event, and new ones are refused, even after a"
                            + " restart.")
    @ApiResponse(responseCode = "200", description = "The source is disabled.")
    @UnknownSource
    @DeclaredSource
    Message disable(@PathVariable @SourceId String id, Locale language) {
        sources.disable(id);
        return Message.of(language, "source.now-disabled", id);
    }

    @PostMapping("/sources/_actions/cleanup")
    @Operation(
            operationId = "cleanUpSources",
            summary = "Delete the disabled sources without checkpoints",
            description = "Sources that the service's own configuration declares remain.")
    @ApiResponse(responseCode = "200", description = "The deleted sources.")
    Cleanup cleanup(Locale language) {
        List<String> deleted = sources.cleanup();
        Sentence message =
                deleted.isEmpty()
                        ? Sentence.of("source.none-deleted")
                        : Sentence.of("source.deleted", String.join(", ", deleted));
        return new Cleanup(message.in(language), deleted.size(), deleted);
    }
}
