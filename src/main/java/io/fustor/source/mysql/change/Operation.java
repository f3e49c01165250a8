package io.fustor.source.mysql.change;

/// What a rows event did to each of its rows.
public enum Operation {
    INSERT("insert"),
    UPDATE("update"),
    DELETE("delete");

    private final String text;

    Operation(String text) {
        this.text = text;
    }

    /// The name in the feed.
    public String text() {
        return text;
    }
}
