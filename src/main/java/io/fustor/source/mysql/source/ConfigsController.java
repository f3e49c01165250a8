package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
import tools.jackson.databind.json.JsonMapper;

/// Fustor's interface for configurations.
@RestController
@RequestMapping("/api/configs")
@Tag(name = "Configurations", description = "Sources as they are configured")
class ConfigsController {

    /// Everything that is configured; this service has sources only.
    record Configs(
            Map<String, ConfigView> sources,
            Map<String, Object> pushers,
            Map<String, Object> syncs) {}

    /// A source to be stored.
    ///
    /// @param discoveredFields its tables' fields, as the wizard found them
    record NewSource(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED) @Nullable ConfigDocument config,
            @Nullable Map<String, @Nullable Object> discoveredFields) {

        /// The fields in the form in which they are cached, or null where none came along.
        private byte @Nullable [] fields() {
            if (discoveredFields == null) {
                return null;
            }
            Object properties = discoveredFields.get("properties");
            return SourceFields.compress(
                    JSON.writeValueAsBytes(
                            Map.of("properties", properties == null ? Map.of() : properties)));
        }
    }

    /// A source that was stored.
    record StoredSource(@Schema(example = "shop") String id, ConfigView config) {}

    /// What was cleaned up.
    record Cleanup(String message, int deletedCount, List<String> deletedIds) {}

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Sources sources;

    ConfigsController(Sources sources) {
        this.sources = sources;
    }

    @GetMapping
    @Operation(summary = "List everything that is configured")
    Configs configs() {
        return new Configs(sourceConfigs(), Map.of(), Map.of());
    }

    @GetMapping("/sources")
    @Operation(summary = "List the configured sources by id")
    Map<String, ConfigView> sourceConfigs() {
        Map<String, ConfigView> configs = new LinkedHashMap<>();
        sources.all().forEach(source -> configs.put(source.id(), ConfigView.of(source)));
        return configs;
    }

    @PostMapping("/sources/{id}")
    @Operation(summary = "Store a new source and start it")
    @ApiResponse(responseCode = "201")
    ResponseEntity<StoredSource> create(@PathVariable String id, @RequestBody NewSource newSource) {
        Source.checkId(id);
        if (newSource.config() == null) {
            throw RequestException.invalid("config is missing: an object with uri and credential.");
        }
        Source created = sources.create(id, newSource.config().check(), newSource.fields());
        return ResponseEntity.created(URI.create("/api/sources/" + id))
                .body(new StoredSource(id, ConfigView.of(created)));
    }

    @PutMapping("/sources/{id}")
    @Operation(
            summary = "Give a stored source another configuration",
            description =
                    "Its streams end and go on with their last event ids; its checkpoints stay."
                            + " Without credential.passwd the stored password stays, unless uri or"
                            + " user change.")
    StoredSource update(@PathVariable String id, @RequestBody NewSource changed) {
        if (changed.config() == null) {
            throw RequestException.invalid("config is missing: an object with uri and credential.");
        }
        return new StoredSource(id, ConfigView.of(sources.update(id, changed.config())));
    }

    @DeleteMapping("/sources/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Stop a source and remove it with its checkpoints")
    void delete(@PathVariable String id) {
        sources.delete(id);
    }

    @PostMapping("/sources/{id}/_actions/enable")
    @Operation(summary = "Let a source run, and start it")
    Message enable(@PathVariable String id) {
        sources.enable(id);
        return new Message("The source " + id + " is enabled.");
    }

    @PostMapping("/sources/{id}/_actions/disable")
    @Operation(summary = "Stop a source, and keep it from running")
    Message disable(@PathVariable String id) {
        sources.disable(id);
        return new Message("The source " + id + " is disabled.");
    }

    @PostMapping("/sources/_actions/cleanup")
    @Operation(summary = "Delete the disabled sources that no consumer has a checkpoint of")
    Cleanup cleanup() {
        List<String> deleted = sources.cleanup();
        String message =
                deleted.isEmpty()
                        ? "There was nothing to clean up."
                        : "Deleted " + String.join(", ", deleted) + ".";
        return new Cleanup(message, deleted.size(), deleted);
    }
}
