package io.fustor.source.mysql.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URI;
import java.time.Instant;
import java.util.List;
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

/// `/api/readers`: callers that see a part of the data. For administrators only.
@RestController
@RequestMapping("/api/readers")
@Tag(name = "Readers", description = "Callers that see a part of the data")
class ReaderController {

    private static final String NONE = "There is no reader of this name.";
    private static final String DECLARED =
            "The service's own configuration declares the reader; change it there.";

    private final Readers readers;

    ReaderController(Readers readers) {
        this.readers = readers;
    }

    /// A reader's name in a path.
    @Target(ElementType.PARAMETER)
    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            description = "The reader's name.",
            example = "partner",
            schema = @Schema(type = "string", pattern = "^" + Reader.NAME_FORM + "$"))
    @interface ReaderName {}

    @Schema(name = "Reader", description = "A reader and what it may see.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record View(
            @Schema(description = "The reader's name.", example = "partner") String name,
            @Schema(description = "What it may see.") GrantDocument grant,
            @Schema(description = "When it was made; null for a declared one.")
                    @Nullable Instant created,
            @Schema(description = "Whether its grant is over.", example = "false") boolean ended,
            @Schema(
                            description =
                                    "Whether the service's own configuration declares it, so that"
                                            + " it cannot be changed here.",
                            example = "false")
                    boolean readOnly) {

        static View of(Reader reader) {
            return new View(
                    reader.name(),
                    GrantDocument.of(reader.grant()),
                    reader.isDeclared() ? null : reader.created(),
                    reader.grant().isOver(Instant.now()),
                    reader.isDeclared());
        }
    }

    /// The answer that has the secret.
    @Schema(name = "NewReader", description = "A reader that was just made.")
    record Created(
            @Schema(description = "The reader's name.", example = "partner") String name,
            @Schema(
                            description =
                                    "Its bearer token. The service keeps a hash only: no answer"
                                            + " has the secret again.",
                            format = "password",
                            example = "fustor_9PCFKnL0…")
                    String secret,
            @Schema(description = "What it may see.") GrantDocument grant) {

        @Override
        public String toString() {
            return "Created[name=" + name + "]";
        }
    }

    @PostMapping("/{name}")
    @Operation(
            operationId = "createReader",
            summary = "Make a reader and its secret",
            description = "The body is its grant. The answer has the secret, once.")
    @ApiResponse(
            responseCode = "201",
            description = "The reader is made.",
            headers =
                    @Header(
                            name = HttpHeaders.LOCATION,
                            description = "Where readers are listed.",
                            schema = @Schema(type = "string", example = "/api/readers")))
    @ApiResponse(responseCode = "409", description = "The name is taken.")
    ResponseEntity<Created> create(
            @PathVariable @ReaderName String name, @RequestBody GrantDocument grant) {
        var checked = grant.check();
        String secret = readers.create(name, checked);
        return ResponseEntity.created(URI.create("/api/readers"))
                .body(new Created(name, secret, GrantDocument.of(checked)));
    }

    @GetMapping
    @Operation(
            operationId = "listReaders",
            summary = "List the readers with their grants",
            description = "Secrets are not in the answer.")
    @ApiResponse(responseCode = "200", description = "All readers, by name.")
    List<View> list() {
        return readers.all().stream().map(View::of).toList();
    }

    @PutMapping("/{name}")
    @Operation(
            operationId = "updateReader",
            summary = "Replace a reader's grant",
            description =
                    "The secret stays. If the reader may see other data than before, its streams"
                            + " end within a second, on every instance; it connects again and"
                            + " goes on under the new grant.")
    @ApiResponse(responseCode = "200", description = "The grant is replaced.")
    @ApiResponse(responseCode = "404", description = ReaderController.NONE)
    @ApiResponse(responseCode = "409", description = ReaderController.DECLARED)
    View update(@PathVariable @ReaderName String name, @RequestBody GrantDocument grant) {
        return View.of(readers.update(name, grant.check()));
    }

    @DeleteMapping("/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(
            operationId = "deleteReader",
            summary = "Remove a reader with its checkpoints",
            description =
                    "Its streams end within a second, on every instance. The event ids that it"
                            + " has remain valid for other callers.")
    @ApiResponse(responseCode = "204", description = "The reader is removed.")
    @ApiResponse(responseCode = "404", description = ReaderController.NONE)
    @ApiResponse(responseCode = "409", description = ReaderController.DECLARED)
    void delete(@PathVariable @ReaderName String name) {
        readers.delete(name);
    }
}
