package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/// That what `docker compose up` is given holds together, read without a Docker engine.
class ComposeTests {

    private static final Path COMPOSE = Path.of("docker-compose.yml");
    private static final Path PROMETHEUS = Path.of("deploy/prometheus/prometheus.yml");

    private static final Pattern SECRET_NAME =
            Pattern.compile(".*(PASSWORD|PASSWD|TOKENS?|SECRET|KEY)$");

    /// `${NAME:?what to do}`: compose refuses to start without a value.
    private static final Pattern REQUIRED = Pattern.compile("\\$\\{([A-Z_]+):\\?[^}]+}");

    private final Map<String, Map<String, Object>> services = services();

    @Test
    void everyImageIsBuiltHereOrHasAVersion() {
        var softly = new SoftAssertions();
        services.forEach(
                (name, service) -> {
                    if (!service.containsKey("build")) {
                        softly.assertThat(text(service, "image"))
                                .as(name)
                                .matches("[\\w/-]+:v?\\d[\\w.]*");
                    }
                });
        softly.assertAll();
        assertThat(services.keySet()).containsExactly("fustor", "mysql", "prometheus", "grafana");
    }

    @Test
    void portsArePublishedToThisMachineOnly() {
        var ports =
                services.values().stream()
                        .flatMap(service -> list(service, "ports").stream())
                        .toList();

        assertThat(ports)
                .containsExactly(
                        "127.0.0.1:8080:8080", "127.0.0.1:9090:9090", "127.0.0.1:3000:3000");
    }

    @Test
    void everyServiceSaysWhetherItIsHealthy() throws IOException {
        var softly = new SoftAssertions();
        services.forEach(
                (name, service) -> {
                    if (!service.containsKey("build")) {
                        softly.assertThat(service.get("healthcheck")).as(name).isNotNull();
                    }
                });
        softly.assertAll();
        assertThat(Files.readString(Path.of("Dockerfile"))).contains("HEALTHCHECK");
    }

    @Test
    void volumesAreDeclaredAndMountedFilesExist() {
        var declared = map(yaml(COMPOSE), "volumes").keySet();
        var softly = new SoftAssertions();
        for (var service : services.values()) {
            for (var volume : list(service, "volumes")) {
                var from = volume.split(":", -1)[0];
                if (from.startsWith("./")) {
                    softly.assertThat(Path.of(from)).exists();
                    softly.assertThat(volume).endsWith(":ro");
                } else {
                    softly.assertThat(declared).contains(from);
                }
            }
        }
        softly.assertAll();
    }

    @Test
    void noServiceGainsRightsAndTheServiceWritesToItsDataOnly() {
        var softly = new SoftAssertions();
        services.forEach(
                (name, service) ->
                        softly.assertThat(list(service, "security_opt"))
                                .as(name)
                                .containsExactly("no-new-privileges:true"));
        for (var name : List.of("fustor", "prometheus", "grafana")) {
            softly.assertThat(list(services.get(name), "cap_drop")).as(name).containsExactly("ALL");
        }
        var fustor = services.get("fustor");
        softly.assertThat(fustor.get("read_only")).isEqualTo(true);
        // The library of zstd is run from there.
        softly.assertThat(list(fustor, "tmpfs"))
                .singleElement()
                .asString()
                .contains("/tmp:", "exec");
        softly.assertThat(list(fustor, "volumes")).contains("fustor-data:/data");
        softly.assertAll();
    }

    @Test
    void mysqlIsSetUpToBeCaptured() {
        assertThat(list(services.get("mysql"), "command"))
                .contains(
                        "--log-bin=binlog",
                        "--binlog-format=ROW",
                        "--binlog-row-image=FULL",
                        "--binlog-row-metadata=FULL",
                        "--gtid-mode=ON",
                        "--enforce-gtid-consistency=ON");
    }

    @Test
    void secretsComeFromTheEnvironmentOnly() {
        var softly = new SoftAssertions();
        for (var service : services.values()) {
            map(service, "environment")
                    .forEach(
                            (name, value) -> {
                                if (SECRET_NAME.matcher(name).matches()) {
                                    for (var secret : secretsOf(name, value.toString())) {
                                        softly.assertThat(secret).as(name).matches(REQUIRED);
                                    }
                                }
                            });
        }
        softly.assertAll();
        assertThat(map(yaml(Path.of("deploy/application.yml")), "fustor").toString())
                .contains("passwd=${MYSQL_CAPTURE_PASSWORD}");
        assertThat(yaml(PROMETHEUS).toString())
                .contains("credentials_file=/run/secrets/fustor-token")
                .doesNotContain("credentials=");
    }

    /// A token is `name:role:secret`, of which only the last is one.
    private static List<String> secretsOf(String name, String value) {
        if (!name.endsWith("TOKENS")) {
            return List.of(value);
        }
        return Pattern.compile("(^|,)\\w+:(metrics|reader|admin):")
                .splitAsStream(value)
                .filter(secret -> !secret.isEmpty())
                .toList();
    }

    @Test
    void exampleEnvironmentNamesWhatIsAskedForAndGivesNoValue() throws IOException {
        var asked = new TreeSet<String>();
        REQUIRED.matcher(Files.readString(COMPOSE))
                .results()
                .forEach(match -> asked.add(match.group(1)));
        var example = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(".env.example"))) {
            example.load(reader);
        }

        assertThat(example.stringPropertyNames()).containsExactlyInAnyOrderElementsOf(asked);
        assertThat(example.values()).containsOnly("");
        assertThat(asked).hasSize(6);
    }

    @Test
    void captureUserHasWhatTheDocumentsSayAndNoMore() throws IOException {
        var granted = grants(Path.of("deploy/mysql/capture-user.sh"));

        assertThat(granted).hasSize(1);
        assertThat(grants(Path.of("docs/operations.md"))).isEqualTo(granted);
        assertThat(grants(Path.of("README.md"))).isEqualTo(granted);
    }

    private static List<String> grants(Path file) throws IOException {
        return Files.readAllLines(file).stream().filter(line -> line.startsWith("GRANT ")).toList();
    }

    @Test
    void prometheusMayScrapeAndNothingElse() {
        var tokens = map(services.get("fustor"), "environment").get("FUSTOR_SECURITY_TOKENS");
        var secret = map(map(yaml(COMPOSE), "secrets"), "fustor-token").get("environment");

        assertThat(tokens.toString()).contains("prometheus:metrics:${" + secret + ":?");
        assertThat(list(services.get("prometheus"), "secrets")).containsExactly("fustor-token");
    }

    @Test
    void metersAreScrapedFromTheService() {
        var scrape = (List<?>) yaml(PROMETHEUS).get("scrape_configs");

        assertThat(scrape).hasSize(1);
        assertThat(scrape.getFirst().toString()).contains("fustor:8080", "/actuator/prometheus");
        assertThat(yaml(Path.of("deploy/grafana/datasources.yml")).toString())
                .contains("http://prometheus:9090");
    }

    private static Map<String, Object> yaml(Path path) {
        try (var reader = Files.newBufferedReader(path)) {
            return new Yaml().load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> services() {
        return (Map<String, Map<String, Object>>) yaml(COMPOSE).get("services");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Map<String, Object> parent, String key) {
        return (Map<String, Object>) parent.getOrDefault(key, Map.of());
    }

    private static List<String> list(Map<String, Object> parent, String key) {
        var texts = new ArrayList<String>();
        ((List<?>) parent.getOrDefault(key, List.of())).forEach(each -> texts.add(each.toString()));
        return texts;
    }

    private static String text(Map<String, Object> parent, String key) {
        return String.valueOf(parent.get(key));
    }
}
