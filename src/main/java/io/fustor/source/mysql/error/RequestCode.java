package io.fustor.source.mysql.error;

/// The reasons to refuse a request that lie in the request, the caller or this service. Failures of
/// a source's server have a [FailureCode]. `docs/errors.md` has a section for each code.
public enum RequestCode {
    /// A parameter, a field or the body is invalid, or the request is not valid HTTP.
    INVALID_REQUEST(400),
    /// The token or event id to resume from is invalid, or belongs to another source.
    POSITION_INVALID(400),
    TOKEN_MISSING(401),
    TOKEN_UNKNOWN(401),
    /// The grant of the reader or of the JWT is over.
    TOKEN_EXPIRED(401),
    /// Not allowed, and no other code gives the reason.
    FORBIDDEN(403),
    ROLE_MISSING(403),
    /// The JWT holds no grant that can be read.
    GRANT_MISSING(403),
    /// The grant allows no snapshots.
    SNAPSHOT_FORBIDDEN(403),
    /// The service does not accept the request's host name.
    HOST_NAME_FORBIDDEN(403),
    /// A page of another site sent the request.
    ORIGIN_FORBIDDEN(403),
    NOT_FOUND(404),
    SOURCE_UNKNOWN(404),
    CHECKPOINT_UNKNOWN(404),
    READER_UNKNOWN(404),
    METHOD_NOT_ALLOWED(405),
    NOT_ACCEPTABLE(406),
    REQUEST_TIMEOUT(408),
    SOURCE_EXISTS(409),
    SOURCE_DECLARED(409),
    SOURCE_DISABLED(409),
    SOURCE_STOPPED(409),
    READER_EXISTS(409),
    READER_DECLARED(409),
    CHECKPOINTS_FULL(409),
    CHECKPOINT_BACKWARD(409),
    BODY_TOO_LARGE(413),
    PATH_TOO_LONG(414),
    MEDIA_TYPE_UNSUPPORTED(415),
    TOO_MANY_REQUESTS(429),
    /// The caller has as many streams open as its grant allows.
    STREAMS_FULL(429),
    HEAD_TOO_LARGE(431),
    /// The issuer of JWTs does not answer for its keys.
    ISSUER_UNAVAILABLE(503),
    SUBSCRIBERS_FULL(503),
    SNAPSHOTS_FULL(503),
    /// The service is starting or stopping.
    NOT_READY(503);

    private final int status;

    RequestCode(int status) {
        this.status = status;
    }

    /// The HTTP status of the refusal.
    public int status() {
        return status;
    }
}
