package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.source.SourceConfig;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.context.MessageSource;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/// The wizard as the Fustor interface calls it: its definition, and an action a path. Two actions
/// answer 400 where they fail, the others 200 with what they found.
@RestController
@RequestMapping("/api/drivers/sources/{driver}")
@Tag(name = "Drivers")
class WizardController {

    /// What the audit log says of a request beside its path: which server, and whether a 200 was a
    /// failure.
    private static final String AUDITED_TARGET = "fustor.audit.target";

    private static final String AUDITED_OUTCOME = "fustor.audit.outcome";

    private final WizardActions actions;
    private final WizardGate gate;
    private final MessageSource messages;

    WizardController(WizardActions actions, WizardGate gate, MessageSource messages) {
        this.actions = actions;
        this.gate = gate;
        this.messages = messages;
    }

    @GetMapping("/wizard")
    @Operation(summary = "Describe the steps of setting a source up")
    WizardDefinition wizard(@PathVariable String driver, HttpServletRequest http) {
        checkDriver(driver);
        return WizardDefinition.in(Texts.of(http, messages));
    }

    @PostMapping("/_actions/test_connection")
    @Operation(summary = "Log in as the administrator and say who the server is")
    Outcome testConnection(
            @PathVariable String driver,
            @RequestBody WizardRequest request,
            HttpServletRequest http) {
        return orRefuse(driver, http, texts -> actions.testConnection(request, texts));
    }

    @PostMapping("/_actions/check_params")
    @Operation(summary = "Check the server's settings and tables, and say how to mend them")
    CheckReport checkParams(
            @PathVariable String driver,
            @RequestBody WizardRequest request,
            HttpServletRequest http) {
        return orReport(driver, http, texts -> actions.checkParams(request, texts));
    }

    @PostMapping("/_actions/discover_fields_no_cache")
    @Operation(summary = "Say what the server's tables look like")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(type = "object")))
    void discoverFields(
            @PathVariable String driver,
            @RequestBody WizardRequest request,
            HttpServletRequest http,
            HttpServletResponse response)
            throws IOException {
        Texts texts = Texts.of(http, messages);
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        DiscoveredFields found =
                orRefuse(driver, http, _ -> actions.discoverFields(request, fields));
        String message = texts.get("discovered", found.columns(), found.tables());
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        // The fields are JSON already, perhaps tens of megabytes of it.
        OutputStream out = response.getOutputStream();
        out.write("{\"success\":true,\"message\":".getBytes(StandardCharsets.UTF_8));
        out.write(JsonMapper.shared().writeValueAsBytes(message));
        out.write(",\"fields\":".getBytes(StandardCharsets.UTF_8));
        fields.writeTo(out);
        out.write('}');
    }

    @PostMapping("/_actions/create_agent_user")
    @Operation(summary = "Make the user that the source logs in as, or complete its grants")
    Outcome createAgentUser(
            @PathVariable String driver,
            @RequestBody WizardRequest request,
            HttpServletRequest http) {
        Texts texts = Texts.of(http, messages);
        Outcome outcome;
        try {
            outcome = gated(driver, () -> createAgentUser(request, http, texts));
        } catch (SourceException e) {
            outcome = new Outcome(false, texts.failure(e));
        }
        if (!outcome.success()) {
            http.setAttribute(AUDITED_OUTCOME, "failed");
        }
        return outcome;
    }

    private Outcome createAgentUser(WizardRequest request, HttpServletRequest http, Texts texts) {
        http.setAttribute(AUDITED_TARGET, request.address().toString());
        return actions.createAgentUser(request, texts);
    }

    @PostMapping("/_actions/check_privileges")
    @Operation(summary = "Check as the source's user that it may do what a source does")
    CheckReport checkPrivileges(
            @PathVariable String driver,
            @RequestBody WizardRequest request,
            HttpServletRequest http) {
        return orReport(driver, http, texts -> actions.checkPrivileges(request, texts));
    }

    private <T> T orRefuse(String driver, HttpServletRequest http, Function<Texts, T> action) {
        Texts texts = Texts.of(http, messages);
        try {
            return gated(driver, () -> action.apply(texts));
        } catch (SourceException e) {
            throw new RequestException(RequestException.Kind.INVALID, texts.failure(e), e);
        }
    }

    private CheckReport orReport(
            String driver, HttpServletRequest http, Function<Texts, CheckReport> action) {
        Texts texts = Texts.of(http, messages);
        try {
            return gated(driver, () -> action.apply(texts));
        } catch (SourceException e) {
            return CheckReport.failed(texts.failure(e));
        }
    }

    private <T> T gated(String driver, Supplier<T> action) {
        checkDriver(driver);
        return gate.pass(action);
    }

    private static void checkDriver(String driver) {
        if (!driver.equals(SourceConfig.DRIVER)) {
            throw RequestException.notFound(
                    "There is no driver "
                            + driver
                            + "; the only one is "
                            + SourceConfig.DRIVER
                            + ".");
        }
    }
}
