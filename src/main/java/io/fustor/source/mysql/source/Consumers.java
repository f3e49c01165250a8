package io.fustor.source.mysql.source;

/// Stand-in until the real one is merged.
public interface Consumers {
    boolean hasCheckpoints(String sourceId);

    void forget(String sourceId);
}
