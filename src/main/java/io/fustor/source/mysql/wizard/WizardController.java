package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.source.CheckReport;
import io.fustor.source.mysql.source.DocumentedFields;
import io.fustor.source.mysql.source.SourceConfig;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/// The API of the wizard for Fustor's interface: its definition, and one path for each action. Two
/// actions return 400 if they fail. The others return 200 with their findings.
@RestController
@RequestMapping("/api/drivers/sources/{driver}")
@Tag(name = "Drivers")
class WizardController {

    /// The additional audit entry of a request: the server, and whether a 200 was a failure.
    private static final String AUDITED_TARGET = "fustor.audit.target";

    private static final String AUDITED_OUTCOME = "fustor.audit.outcome";

    private static final String NO_DRIVER = "The driver does not exist.";
    private static final String BUSY = "The wizard is busy with other requests.";
    private static final String REPORT =
            "The findings; `success` says whether all required checks passed.";
    private static final String REFUSED =
            "The request is malformed or lacks a field, or the server cannot be reached or refuses"
                    + " the login; `code` gives the reason.";

    private final WizardActions actions;
    private final WizardGate gate;

    WizardController(WizardActions actions, WizardGate gate) {
        this.actions = actions;
        this.gate = gate;
    }

    @GetMapping("/wizard")
    @Operation(
            operationId = "getWizard",
            summary = "Describe the steps to set up a source",
            description =
                    "Fustor's interface builds its forms from this. Each step has a JSON Schema of"
                            + " its fields and the names of its actions.")
    @ApiResponse(responseCode = "200", description = "The steps, each with its form and actions.")
    @ApiResponse(responseCode = "404", description = WizardController.NO_DRIVER)
    WizardDefinition wizard(@PathVariable @DriverName String driver, Locale language) {
        checkDriver(driver);
        return WizardDefinition.in(new Texts(language));
    }

    @PostMapping("/_actions/test_connection")
    @Operation(
            operationId = "testConnection",
            summary = "Log in as the administrator and identify the server",
            description =
                    "Takes `uri` and `admin_creds`. If the server cannot be reached or refuses the"
                            + " login, the status is 400.")
    @ApiResponse(responseCode = "200", description = "The administrator could log in.")
    @ApiResponse(responseCode = "400", description = WizardController.REFUSED)
    @ApiResponse(responseCode = "404", description = WizardController.NO_DRIVER)
    @ApiResponse(responseCode = "429", description = WizardController.BUSY)
    Outcome testConnection(
            @PathVariable @DriverName String driver,
            @RequestBody WizardRequest request,
            Locale language) {
        return orRefuse(
                driver, new Texts(language), texts -> actions.testConnection(request, texts));
    }

    @PostMapping("/_actions/check_params")
    @Operation(
            operationId = "checkParams",
            summary = "Check the server's settings and tables, and return fixes",
            description =
                    "Takes `uri` and `admin_creds`. The status is 200 even if a check fails; each"
                            + " failed check contains its exact fix.")
    @ApiResponse(responseCode = "200", description = WizardController.REPORT)
    @ApiResponse(responseCode = "404", description = WizardController.NO_DRIVER)
    @ApiResponse(responseCode = "429", description = WizardController.BUSY)
    CheckReport checkParams(
            @PathVariable @DriverName String driver,
            @RequestBody WizardRequest request,
            Locale language) {
        return orReport(driver, new Texts(language), texts -> actions.checkParams(request, texts));
    }

    @PostMapping("/_actions/discover_fields_no_cache")
    @Operation(
            operationId = "discoverFields",
            summary = "Describe the server's tables",
            description =
                    "Takes `uri` and `admin_creds`. Nothing is stored; include `fields` when you"
                            + " save the source.")
    @ApiResponse(
            responseCode = "200",
            description = "The fields of all tables outside the system schemas.",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = DocumentedFields.Found.class)))
    @ApiResponse(responseCode = "400", description = WizardController.REFUSED)
    @ApiResponse(responseCode = "404", description = WizardController.NO_DRIVER)
    @ApiResponse(responseCode = "429", description = WizardController.BUSY)
    void discoverFields(
            @PathVariable @DriverName String driver,
            @RequestBody WizardRequest request,
            Locale language,
            HttpServletResponse response)
            throws IOException {
        Texts texts = new Texts(language);
        WizardActions.Fields fields = orRefuse(driver, texts, _ -> actions.discoverFields(request));
        try {
            DiscoveredFields found = fields.found();
            String message = texts.get("discovered", found.columns(), found.tables());
            response.setContentType(MediaType.APPLICATION_JSON_VALUE);
            // The fields are already JSON, possibly tens of megabytes.
            OutputStream out = response.getOutputStream();
            out.write("{\"success\":true,\"message\":".getBytes(StandardCharsets.UTF_8));
            out.write(JsonMapper.shared().writeValueAsBytes(message));
            out.write(",\"fields\":".getBytes(StandardCharsets.UTF_8));
            fields.json().writeTo(out);
            out.write('}');
        } finally {
            fields.json().release();
        }
    }

    @PostMapping("/_actions/create_agent_user")
    @Operation(
            operationId = "createAgentUser",
            summary = "Create the MySQL user of the source, or complete its grants",
            description =
                    "Takes `uri`, `admin_creds` and `credential`. The password of an existing user"
                            + " changes only with `reset_password`. The status is 200 even if the"
                            + " action fails.")
    @ApiResponse(
            responseCode = "200",
            description = "Whether the user exists with its grants, and what the action did.")
    @ApiResponse(responseCode = "404", description = WizardController.NO_DRIVER)
    @ApiResponse(responseCode = "429", description = WizardController.BUSY)
    Outcome createAgentUser(
            @PathVariable @DriverName String driver,
            @RequestBody WizardRequest request,
            Locale language,
            HttpServletRequest http) {
        Texts texts = new Texts(language);
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
    @Operation(
            operationId = "checkPrivileges",
            summary = "Check that the source's user has the required privileges",
            description =
                    "Takes `uri` and `credential`. Reads a binlog event and a row of each table,"
                            + " to prove the privileges. The status is 200 even if a check"
                            + " fails.")
    @ApiResponse(responseCode = "200", description = WizardController.REPORT)
    @ApiResponse(responseCode = "404", description = WizardController.NO_DRIVER)
    @ApiResponse(responseCode = "429", description = WizardController.BUSY)
    CheckReport checkPrivileges(
            @PathVariable @DriverName String driver,
            @RequestBody WizardRequest request,
            Locale language) {
        return orReport(
                driver, new Texts(language), texts -> actions.checkPrivileges(request, texts));
    }

    private <T> T orRefuse(String driver, Texts texts, Function<Texts, T> action) {
        try {
            return gated(driver, () -> action.apply(texts));
        } catch (SourceException e) {
            throw new RequestException(RequestCode.INVALID_REQUEST, Texts.failed(e), e);
        }
    }

    private CheckReport orReport(String driver, Texts texts, Function<Texts, CheckReport> action) {
        try {
            return gated(driver, () -> action.apply(texts));
        } catch (SourceException e) {
            return Reports.failed(texts.failure(e));
        }
    }

    private <T> T gated(String driver, Supplier<T> action) {
        checkDriver(driver);
        return gate.pass(action);
    }

    private static void checkDriver(String driver) {
        if (!driver.equals(SourceConfig.DRIVER)) {
            throw RequestException.refused(
                    RequestCode.NOT_FOUND, "wizard.no-driver", driver, SourceConfig.DRIVER);
        }
    }
}
