package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/// That the files for several instances hold together, and fit what reads them.
class ScaleOutFilesTests {

    private static final Path KUBERNETES = Path.of("deploy/kubernetes/fustor.yml");
    private static final Path COMPOSE = Path.of("deploy/scale-out/docker-compose.yml");

    private static List<JsonElement> documents() throws IOException {
        List<JsonElement> documents = new ArrayList<>();
        for (Object document : new Yaml().loadAll(Files.readString(KUBERNETES))) {
            documents.add(new Gson().toJsonTree(document));
        }
        return documents;
    }

    private static JsonElement of(String kind) throws IOException {
        return documents().stream()
                .filter(one -> at(one, "kind").getAsString().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private static JsonElement at(JsonElement element, String... path) {
        JsonElement here = element;
        for (String name : path) {
            here =
                    here.isJsonArray()
                            ? here.getAsJsonArray().get(Integer.parseInt(name))
                            : here.getAsJsonObject().get(name);
        }
        return here;
    }

    /// No field is unknown, none that is required is missing, and each has its type.
    @Test
    void manifestsFitTheTypesOfKubernetes() throws Exception {
        for (JsonElement document : documents()) {
            String kind = at(document, "kind").getAsString();
            Class.forName("io.kubernetes.client.openapi.models.V1" + kind)
                    .getMethod("validateJsonElement", JsonElement.class)
                    .invoke(null, document);
        }
        assertThat(documents()).hasSize(3);
    }

    @Test
    void podsHaveTimeToDrain() throws IOException {
        JsonElement pod = at(of("Deployment"), "spec", "template", "spec");
        JsonElement container = at(pod, "containers", "0");
        int before = at(container, "lifecycle", "preStop", "sleep", "seconds").getAsInt();
        long grace = at(pod, "terminationGracePeriodSeconds").getAsLong();
        String drain = "";
        for (JsonElement variable : at(container, "env").getAsJsonArray()) {
            if (at(variable, "name").getAsString().equals("FUSTOR_WEB_DRAIN")) {
                drain = at(variable, "value").getAsString();
            }
        }
        assertThat(grace).isGreaterThanOrEqualTo(before + seconds(drain) + 5);
        assertThat(at(container, "readinessProbe", "httpGet", "path").getAsString())
                .isEqualTo("/actuator/health/readiness");
        assertThat(at(container, "livenessProbe", "httpGet", "path").getAsString())
                .isEqualTo("/actuator/health/liveness");
    }

    private static long seconds(String text) {
        return Duration.parse("PT" + text).toSeconds();
    }

    @Test
    void selectorsFindThePods() throws IOException {
        JsonElement labels = at(of("Deployment"), "spec", "template", "metadata", "labels");
        assertThat(at(of("Deployment"), "spec", "selector", "matchLabels")).isEqualTo(labels);
        assertThat(at(of("Service"), "spec", "selector")).isEqualTo(labels);
        assertThat(at(of("PodDisruptionBudget"), "spec", "selector", "matchLabels"))
                .isEqualTo(labels);
        assertThat(at(of("PodDisruptionBudget"), "spec", "minAvailable").getAsInt())
                .isLessThan(at(of("Deployment"), "spec", "replicas").getAsInt());
    }

    @Test
    void instancesOfComposeDifferInNothingButTheirName() throws IOException {
        Map<String, Map<String, Object>> services = services();
        assertThat(services.keySet()).containsExactly("fustor-1", "fustor-2", "nginx", "state");
        Map<String, Object> first = services.get("fustor-1");
        Map<String, Object> second = services.get("fustor-2");
        first.remove("hostname");
        second.remove("hostname");
        assertThat(first).isEqualTo(second);
        Map<?, ?> environment = (Map<?, ?>) first.get("environment");
        assertThat(seconds(String.valueOf(environment.get("FUSTOR_WEB_DRAIN"))))
                .isLessThan(seconds(String.valueOf(first.get("stop_grace_period"))) - 5);
        assertThat(services.get("nginx").get("ports")).isEqualTo(List.of("127.0.0.1:8080:8080"));
    }

    /// Compose refuses to start without them.
    @Test
    void secretsOfComposeAreRequired() throws IOException {
        Map<?, ?> environment = (Map<?, ?>) services().get("fustor-1").get("environment");
        for (String name :
                List.of(
                        "SPRING_DATASOURCE_PASSWORD",
                        "FUSTOR_SECURITY_ENCRYPTION_KEY",
                        "FUSTOR_SECURITY_TOKENS")) {
            assertThat(String.valueOf(environment.get(name))).contains(":?");
        }
    }

    private static Map<String, Map<String, Object>> services() throws IOException {
        Map<String, Map<String, Map<String, Object>>> compose =
                new Yaml().load(Files.readString(COMPOSE));
        return compose.get("services");
    }
}
