package io.fustor.source.mysql.instance;

/// An instance that uses the state database.
///
/// @param id drawn at its start
/// @param name of its host and port, for people
/// @param heartbeat when it was last known to live, in milliseconds by the database's clock
/// @param heard the last notice that it did
public record Member(String id, String name, long heartbeat, long heard) {

    /// Without a heartbeat for so long, in milliseconds, an instance counts as gone.
    static final long LONGEST_SILENCE = 3_000;

    boolean isAlive(long now) {
        return now - heartbeat < LONGEST_SILENCE;
    }
}
