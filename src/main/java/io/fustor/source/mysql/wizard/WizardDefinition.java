package io.fustor.source.mysql.wizard;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the Fustor interface makes its forms of: the steps, each with a JSON Schema of its fields
/// and the actions that it runs.
@Schema(description = "The steps of setting a source up")
record WizardDefinition(
        List<Step> steps,
        @Schema(type = "object", description = "JSON Schemas that the steps refer to")
                Map<String, Object> components) {

    private static final String CREDENTIAL = "#/components/schemas/PasswdCredential";

    /// What the interface checks before it asks; the service reads the address by its grammar.
    private static final String URI = "^(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9_.-]+):[0-9]{1,5}$";

    /// @param validations names of actions, run in this order
    @Schema(name = "WizardStep")
    record Step(
            String stepId,
            String title,
            @Schema(type = "object", description = "a JSON Schema") Map<String, Object> schema,
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
        return new Step(
                "agent_setup",
                texts.get("step.agent_setup"),
                object(properties, List.of("credential")),
                List.of("create_agent_user", "check_privileges"));
    }

    /// The interface reads either form of the reference, so both are there.
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
