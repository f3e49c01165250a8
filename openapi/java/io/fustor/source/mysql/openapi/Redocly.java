package io.fustor.source.mysql.openapi;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The linter that the build installed with npm.
final class Redocly {

    private static final Path CLI =
            Path.of(System.getProperty("openapi.npm"), "node_modules", ".bin", "redocly")
                    .toAbsolutePath();

    private Redocly() {}

    /// What the linter finds, in its own form: `totals` and `problems`.
    ///
    /// @param folder for the document and the output
    static JsonNode lint(String document, Path folder) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("openapi.json"), document);
        Path found = folder.resolve("found.json");
        Path said = folder.resolve("said.txt");
        var builder =
                new ProcessBuilder(
                                CLI.toString(),
                                "lint",
                                "--config=" + Path.of("openapi", "redocly.yaml").toAbsolutePath(),
                                "--format=json",
                                "--max-problems=1000",
                                file.toString())
                        .redirectOutput(found.toFile())
                        .redirectError(Redirect.to(said.toFile()));
        builder.environment().put("REDOCLY_TELEMETRY", "off");
        builder.environment().put("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        Process process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("the linter does not end: " + Files.readString(said));
        }
        String json = Files.readString(found);
        if (!json.startsWith("{")) {
            throw new AssertionError("the linter failed: " + json + Files.readString(said));
        }
        return JsonMapper.shared().readTree(json);
    }
}
