package io.fustor.source.mysql.openapi;

import static java.util.stream.Collectors.joining;
import static org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE;

import io.fustor.source.mysql.access.Role;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Problem;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.RequestCode;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/// Describes failures in the OpenAPI document. Failures that any operation may return are described
/// here once. Others are described at the controller methods as `@ApiResponse`, and receive their
/// body here. If such a description mentions `code`, the failure codes of its status follow.
final class ProblemSchemas {

    private static final String PROBLEM = "Problem";
    private static final String CODE = "ProblemCode";
    private static final String FAILURE = "FailureCode";

    private ProblemSchemas() {}

    /// Adds the schemas and the common responses.
    static void addTo(OpenAPI document) {
        Components components = document.getComponents();
        components.addSchemas(PROBLEM, problem());
        components.addSchemas(CODE, code());
        components.addSchemas(FAILURE, failure());
        for (CommonProblem common : CommonProblem.values()) {
            components.addResponses(common.component(), response(common));
        }
    }

    private static Schema<?> problem() {
        return object().description("A problem (RFC 9457).")
                .addProperty(
                        "type",
                        new StringSchema()
                                .description("Always `about:blank`: `code` gives the kind.")
                                .example("about:blank"))
                .addProperty(
                        "title",
                        new StringSchema().description("The status in words.").example("Conflict"))
                .addProperty(
                        "status",
                        new IntegerSchema().description("The status of the response.").example(409))
                .addProperty(
                        "detail",
                        new StringSchema()
                                .description("The problem and the remedy, as a sentence.")
                                .example(
                                        "The source shop is disabled; enable it with POST"
                                                + " /api/configs/sources/shop/_actions/enable."))
                .addProperty(
                        "instance",
                        new StringSchema()
                                .description("The path of the request.")
                                .example("/api/sources/shop/events"))
                .addProperty("code", reference("schemas", CODE))
                .addRequiredItem("type")
                .addRequiredItem("title")
                .addRequiredItem("status")
                .addRequiredItem("detail")
                .addRequiredItem("code");
    }

    private static Schema<?> object() {
        return new Schema<>().types(new LinkedHashSet<>(List.of("object")));
    }

    private static Schema<?> code() {
        return codes(
                "The kind of problem, for programs; a client need not read `detail`. The request or"
                        + " its caller: "
                        + words(Arrays.stream(RequestCode.values()))
                        + ". A source's server, the state database or the service: "
                        + reactions(),
                Stream.concat(
                        Arrays.stream(RequestCode.values()), Arrays.stream(FailureCode.values())));
    }

    private static Schema<?> failure() {
        return codes(
                "The failure of a source's server, the state database or the service, for"
                        + " programs. "
                        + reactions(),
                Arrays.stream(FailureCode.values()));
    }

    private static String reactions() {
        return "Try again later: "
                + words(failures(Recovery.RETRY))
                + ". The position is gone: "
                + words(failures(Recovery.REPOSITION))
                + ". An operator must act first: "
                + words(failures(Recovery.STOP))
                + ".";
    }

    private static Schema<?> codes(String description, Stream<? extends Enum<?>> codes) {
        Schema<String> schema = new StringSchema();
        schema.setDescription(description);
        schema.setEnum(codes.map(Enum::name).toList());
        schema.setExample(FailureCode.CONNECTION_REFUSED.name());
        return schema;
    }

    private static Stream<FailureCode> failures(Recovery recovery) {
        return Arrays.stream(FailureCode.values()).filter(code -> code.recovery() == recovery);
    }

    /// The failure codes of a status.
    private static String failures(String status) {
        return words(
                Arrays.stream(FailureCode.values())
                        .filter(code -> Integer.toString(Problem.status(code)).equals(status)));
    }

    private static String words(Stream<? extends Enum<?>> codes) {
        return codes.map(code -> "`" + code.name() + "`").collect(joining(", "));
    }

    private static ApiResponse response(CommonProblem common) {
        ApiResponse response = new ApiResponse().description(common.description());
        complete(common.status(), response);
        return response;
    }

    /// Adds responses of one operation that its controller does not declare.
    ///
    /// @param role that it requires; null if any caller may
    static void addTo(Operation operation, @Nullable Role role) {
        ApiResponses responses = operation.getResponses();
        responses.forEach(ProblemSchemas::complete);
        for (CommonProblem common : CommonProblem.values()) {
            boolean isGiven = responses.containsKey(common.status());
            if (!isGiven && common.concerns(operation, role)) {
                responses.addApiResponse(
                        common.status(),
                        new ApiResponse().$ref("#/components/responses/" + common.component()));
            }
        }
    }

    private static void complete(String status, ApiResponse response) {
        if (!status.equals(ApiResponses.DEFAULT) && status.compareTo("400") < 0) {
            return;
        }
        String codes = failures(status);
        String description = String.valueOf(response.getDescription());
        if (!codes.isEmpty() && description.contains("`code`")) {
            response.setDescription(description + " The codes of this status: " + codes + ".");
        }
        response.setContent(
                new Content()
                        .addMediaType(
                                APPLICATION_PROBLEM_JSON_VALUE,
                                new MediaType().schema(reference("schemas", PROBLEM))));
        if (status.equals("503") || status.equals("429")) {
            response.addHeaderObject(
                    HttpHeaders.RETRY_AFTER,
                    new Header()
                            .description("When to retry, in seconds.")
                            .schema(new IntegerSchema().minimum(BigDecimal.ONE)));
        }
        if (status.equals("401")) {
            response.addHeaderObject(
                    HttpHeaders.WWW_AUTHENTICATE,
                    new Header()
                            .description("Always `Bearer`.")
                            .schema(new StringSchema().example("Bearer")));
        }
    }

    private static Schema<?> reference(String kind, String name) {
        return new Schema<>().$ref("#/components/" + kind + "/" + name);
    }
}
