package io.fustor.source.mysql.wizard;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The definition from which Fustor's interface builds its forms: the steps, each with a JSON
/// Schema of its fields and its actions.
@Schema(description = "The steps to set up a source.")
record WizardDefinition(
        @Schema(description = "The steps, in order.") List<Step> steps,
        @Schema(description = "JSON Schemas that the steps refer to, under `schemas`.")
                Map<String, Object> components) {

    private static final String CREDENTIAL = "#/components/schemas/PasswdCredential";

    /// The pattern that the interface checks before it sends a request. The service parses the
    /// address with its grammar.
    private static final String URI = "^(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]+):[0-9]{1,5}$";

    @Schema(name = "WizardStep", description = "A step to set up a source.")
    record Step(
            @Schema(description = "The step's name.", example = "connection") String stepId,
            @Schema(description = "The step's title.", example = "Connection") String title,
            @Schema(description = "The JSON Schema of its form.") Map<String, Object> schema,
            @Schema(
                            description = "The names of its actions, in execution order.",
                            example = "[\"test_connection\", \"check_params\"]")
                    List<String> validations) {}

    static WizardDefinition in(Texts texts) {
        return new WizardDefinition(
                List.of(connection(texts), agentSetup(texts)),
                Map.of("schemas", Map.of("PasswdCredential", credential(texts))));
    }

    private static Step connection(Texts texts) {
        Map<String, Object> uri = field("string", texts, "field.uri");
        uri.put("pattern", URI);
        uri.put("examples", List.of("db.example.org:3306"));
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("uri", uri);
        properties.put("admin_creds", reference(texts, "field.admin_creds"));
        return new Step(
                "connection",
                texts.get("step.connection"),
                object(properties, List.of("uri", "admin_creds")),
                List.of("test_connection", "check_params", "discover_fields_no_cache"));
    }

    private static Step agentSetup(Texts texts) {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("credential", reference(texts, "field.credential"));
        properties.put("driver_params", driverParams(texts));
        return new Step(
                "agent_setup",
                texts.get("step.agent_setup"),
                object(properties, List.of("credential")),
                List.of("create_agent_user", "check_privileges"));
    }

    private static Map<String, Object> driverParams(Texts texts) {
        Map<String, Object> host = field("string", texts, "field.agent_host");
        host.put("default", "%");
        Map<String, Object> reset = field("boolean", texts, "field.reset_password");
        reset.put("default", false);
        Map<String, Object> lock = field("boolean", texts, "field.allow_brief_lock");
        lock.put("default", false);
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("agent_host", host);
        properties.put("reset_password", reset);
        properties.put("tables", field("string", texts, "field.tables"));
        properties.put("allow_brief_lock", lock);
        Map<String, Object> params = object(properties, List.of());
        params.put("title", texts.get("field.driver_params"));
        params.put("description", texts.get("field.driver_params.description"));
        return params;
    }

    /// The interface reads either form of the reference, so both are present.
    private static Map<String, Object> reference(Texts texts, String key) {
        Map<String, Object> reference = new LinkedHashMap<>();
        reference.put("$ref", CREDENTIAL);
        reference.put("oneOf", List.of(Map.of("$ref", CREDENTIAL)));
        reference.put("title", texts.get(key));
        reference.put("description", texts.get(key + ".description"));
        return reference;
    }

    private static Map<String, Object> credential(Texts texts) {
        Map<String, Object> user = field("string", texts, "field.user");
        user.put("minLength", 1);
        Map<String, Object> password = field("string", texts, "field.passwd");
        password.put("format", "password");
        password.put("writeOnly", true);
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("user", user);
        properties.put("passwd", password);
        Map<String, Object> schema = object(properties, List.of("user"));
        schema.put("title", texts.get("field.login"));
        return schema;
    }

    private static Map<String, Object> field(String type, Texts texts, String key) {
        Map<String, Object> field = new LinkedHashMap<>();
        field.put("type", type);
        field.put("title", texts.get(key));
        field.put("description", texts.get(key + ".description"));
        return field;
    }

    private static Map<String, Object> object(
            Map<String, Object> properties, List<String> required) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", required);
        return schema;
    }
}
