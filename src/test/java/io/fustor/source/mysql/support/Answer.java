package io.fustor.source.mysql.support;

import java.net.http.HttpHeaders;
import tools.jackson.databind.JsonNode;

/// What the service answered, whatever the status.
public record Answer(int status, HttpHeaders headers, String body) {

    /// Every problem that a test meets has a code that is explained.
    public Answer {
        Codes.requireExplained(status, headers.firstValue("Content-Type").orElse(""), body);
    }

    public JsonNode json() {
        return ChangeEvent.JSON.readTree(body);
    }

    /// A header's first value, or an empty string.
    public String header(String name) {
        return headers.firstValue(name).orElse("");
    }

    /// The problem's sentence for people.
    public String detail() {
        return json().path("detail").asString();
    }

    /// Fails unless the status is this one.
    public Answer expect(int expected) {
        if (status != expected) {
            throw new AssertionError(expected + " expected, but was " + status + ": " + body);
        }
        return this;
    }
}
