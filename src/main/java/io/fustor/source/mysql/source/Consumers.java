package io.fustor.source.mysql.source;

/// Those who read a source and store how far they got. Whoever keeps their checkpoints implements
/// it; without an implementation nobody has any.
public interface Consumers {

    /// Whether any consumer has a checkpoint of the source.
    boolean hasCheckpoints(String sourceId);

    /// Removes every checkpoint of the source, in the caller's transaction.
    void forget(String sourceId);

    /// Nobody keeps checkpoints.
    Consumers NONE =
            new Consumers() {
                @Override
                public boolean hasCheckpoints(String sourceId) {
                    return false;
                }

                @Override
                public void forget(String sourceId) {}
            };
}
