package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;

/// The answers to requests that the state of a source does not allow.
final class SourceRefusals {

    private SourceRefusals() {}

    static RequestException unknown(String id) {
        return RequestException.refused(RequestCode.SOURCE_UNKNOWN, "source.none", id);
    }

    static RequestException taken(String id) {
        return RequestException.refused(RequestCode.SOURCE_EXISTS, "source.taken", id);
    }

    static RequestException declared(String id) {
        return RequestException.refused(RequestCode.SOURCE_DECLARED, "source.declared", id);
    }

    static RequestException disabled(Source source) {
        return source.isDeclared()
                ? RequestException.refused(
                        RequestCode.SOURCE_DISABLED, "source.disabled-by-declaration", source.id())
                : RequestException.refused(
                        RequestCode.SOURCE_DISABLED, "source.disabled", source.id());
    }

    /// A source without a run: it is disabled or stopped.
    static RequestException notRunning(Source source) {
        return source.config().disabled()
                ? disabled(source)
                : RequestException.refused(
                        RequestCode.SOURCE_STOPPED, "source.stopped", source.id());
    }
}
