package io.fustor.source.mysql.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.EventSchemas;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Types that `json-schema-to-typescript` makes of a table's schema compile, and with them a
/// program that holds real changes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TypeScriptIT {

    private static final String TABLE = "typescript.all_types";

    private final TestMySql mysql = TestMySql.shared();
    private LocalService service;
    private ServiceApi api;

    @TempDir private Path folder;

    @BeforeAll
    void start() {
        service = LocalService.start(Map.of());
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        api.addSource("typescript", mysql);
        mysql.execute(
                "DROP DATABASE IF EXISTS typescript",
                "CREATE DATABASE typescript",
                """
                CREATE TABLE typescript.all_types (id BIGINT UNSIGNED PRIMARY KEY, n INT, d DECIMAL(20,2) NOT NULL,
                  f DOUBLE, b BIT(1) NOT NULL, bits BIT(40), y YEAR, day DATE NOT NULL, t TIME(3), dt DATETIME(6),
                  ts TIMESTAMP NULL, c CHAR(3), txt TEXT, bin VARBINARY(9), e ENUM('a','b') NOT NULL,
                  s SET('x','y'), j JSON, g GEOMETRY, `odd name` INT)""",
                """
                INSERT INTO typescript.all_types VALUES (18446744073709551615, 1, 1.50, 1.5, 1, 5, 2024, '2024-02-29',
                  '01:02:03', '2024-02-29 01:02:03', '2024-02-29 01:02:03', 'abc', 'text', x'00ff', 'a', 'x,y',
                  '{"k": [1]}', ST_GeomFromText('POINT(1 2)'), 7)""",
                """
                INSERT INTO typescript.all_types (id, d, b, day, e) VALUES (1, 2.5, 0, '2024-01-01', 'b')""");
    }

    @AfterAll
    void stop() {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fustor number", "fustor string", "debezium number", "debezium string"})
    void typesOfASchemaCompileWithRealChanges(String form) throws Exception {
        String format = form.split(" ")[0];
        String numbers = form.split(" ")[1];
        Path types = types(format, numbers);
        StringBuilder program = new StringBuilder("import type * as types from './types';\n");
        int count = 0;
        FeedRequest feed =
                api.feed("typescript")
                        .with("tables", TABLE)
                        .with("format", format)
                        .with("batch", 1)
                        .with("big_numbers", numbers)
                        .with("snapshot", "only");
        try (FeedClient client = feed.open()) {
            for (Frame frame = client.frame(); !frame.isControl("end"); frame = client.frame()) {
                if (frame.isChange()) {
                    program.append(
                            "export const change%d: types.TypescriptAll_TypesChange = %s;\n"
                                    .formatted(count++, frame.data()));
                }
            }
        }
        assertThat(count).isEqualTo(2);
        assertThat(Files.readString(types)).contains("export interface");
        String name = nameOf(types);
        String text = program.toString().replace("TypescriptAll_TypesChange", name);

        assertThat(compile(text)).isEmpty();
        assertThat(compile(text.replace("\"e\":\"a\"", "\"e\":\"z\""))).contains("error TS");
        assertThat(compile(text.replace("\"f\":", "\"more\":"))).contains("error TS");
    }

    private Path types(String format, String numbers) throws IOException, InterruptedException {
        String schema =
                api.get(EventSchemas.path("typescript", TABLE, format, numbers)).expect(200).body();
        Path input = Files.writeString(folder.resolve("schema.json"), schema);
        Path output = folder.resolve("types.ts");
        Path said = folder.resolve("json2ts.txt");
        int code = NpmTool.run(said, "json2ts", input.toString(), output.toString());
        assertThat(code).as(Files.readString(said)).isZero();
        return output;
    }

    /// The interface of the whole schema, which is the one that is named after its title.
    private static String nameOf(Path types) throws IOException {
        return Files.readAllLines(types).stream()
                .filter(line -> line.contains("Change") && line.startsWith("export "))
                .map(line -> line.split(" ")[2])
                .findFirst()
                .orElseThrow();
    }

    /// What the compiler finds.
    private String compile(String program) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("program.ts"), program);
        Path said = folder.resolve("tsc.txt");
        NpmTool.run(
                said,
                "tsc",
                "--noEmit",
                "--strict",
                "--skipLibCheck",
                "--target",
                "es2022",
                file.toString());
        return Files.readString(said);
    }
}
