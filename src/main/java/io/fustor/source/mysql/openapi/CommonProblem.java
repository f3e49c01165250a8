package io.fustor.source.mysql.openapi;

import io.fustor.source.mysql.access.Role;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.responses.ApiResponses;
import org.jspecify.annotations.Nullable;

/// The failures that any operation may return, as the OpenAPI document describes them. Filters and
/// the exception advice return them for every controller.
enum CommonProblem {
    BAD_REQUEST(
            "400",
            "BadRequest",
            "The request is malformed, has an unknown parameter, has a parameter twice or"
                    + " without a value, or has an invalid value."),
    UNAUTHORIZED(
            "401",
            "Unauthorized",
            "The service requires a token, and the request has no token or an unknown one."),
    FORBIDDEN(
            "403",
            "Forbidden",
            "The token's role does not allow the operation, a page of another site sent the"
                    + " request, or the service does not respond under this host name."),
    CONTENT_TOO_LARGE("413", "ContentTooLarge", "The body is larger than the operation accepts."),
    UNSUPPORTED_MEDIA_TYPE("415", "UnsupportedMediaType", "The body is not `application/json`."),
    INTERNAL(
            "500",
            "InternalError",
            "A fault of the service. `detail` contains a number that identifies it in the log."),
    UNAVAILABLE(
            "503",
            "Unavailable",
            "The state database or the source's server is unavailable (`code` gives the reason),"
                    + " or the service is starting or stopping."),
    ANY_OTHER(ApiResponses.DEFAULT, "OtherProblem", "Any other failure.");

    private final String status;
    private final String component;
    private final String description;

    CommonProblem(String status, String component, String description) {
        this.status = status;
        this.component = component;
        this.description = description;
    }

    /// A status, or `default`.
    String status() {
        return status;
    }

    /// Its name among the document's components.
    String component() {
        return component;
    }

    String description() {
        return description;
    }

    /// Whether an operation may return this failure.
    ///
    /// @param role that the operation requires; null if any caller may
    boolean concerns(Operation operation, @Nullable Role role) {
        return switch (this) {
            case UNAUTHORIZED -> role != null;
            case CONTENT_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE -> operation.getRequestBody() != null;
            case BAD_REQUEST, FORBIDDEN, INTERNAL, UNAVAILABLE, ANY_OTHER -> true;
        };
    }
}
