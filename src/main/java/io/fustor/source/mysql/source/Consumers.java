package io.fustor.source.mysql.source;

import io.fustor.source.mysql.state.StateWrite;

/// The consumers of a source, with their checkpoints. The module that stores checkpoints implements
/// it. Without an implementation, no consumer has a checkpoint.
public interface Consumers {

    /// Whether any consumer has a checkpoint of the source.
    boolean hasCheckpoints(String sourceId);

    /// Removes every checkpoint of the source, as part of the caller's write.
    void forget(StateWrite write, String sourceId);

    /// No checkpoints are stored.
    Consumers NONE =
            new Consumers() {
                @Override
                public boolean hasCheckpoints(String sourceId) {
                    return false;
                }

                @Override
                public void forget(StateWrite write, String sourceId) {}
            };
}
