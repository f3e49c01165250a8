package io.fustor.source.mysql.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.LocalService;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// The document that a running service serves, judged by a linter.
class DocumentLintIT {

    private static LocalService service;

    @TempDir private Path folder;

    @BeforeAll
    static void start() {
        service = LocalService.start(Map.of());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void linterFindsNothing() throws IOException, InterruptedException {
        JsonNode found = Redocly.lint(document(), folder);

        assertThat(found.path("problems")).as(found.toPrettyString()).isEmpty();
        assertThat(found.path("totals").toString())
                .isEqualTo("{\"errors\":0,\"warnings\":0,\"ignored\":0}");
    }

    @Test
    void linterFindsWhatIsMissing() throws IOException, InterruptedException {
        String bare =
                document()
                        .replace("\"summary\":\"List the drivers\",", "")
                        .replace("\"description\":\"The source's id.\",", "");

        JsonNode found = Redocly.lint(bare, folder);

        assertThat(found.path("problems").findValuesAsString("ruleId"))
                .contains("operation-summary", "parameter-description");
        assertThat(found.at("/totals/errors").asInt()).isGreaterThan(10);
    }

    private static String document() {
        return service.get("/v3/api-docs").body();
    }
}
