package io.fustor.source.mysql.server;

import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/// A lock with a random name that one session holds, visible to other sessions of the same server.
/// It proves that two connections lead to one server, whatever two servers have in common. It needs
/// no privilege and blocks no other session.
///
/// @param name empty if the server has no such locks, as in some clusters
public record SessionMark(String name) {

    /// Marks a session that cannot be identified.
    public static final SessionMark NONE = new SessionMark("");

    public static SessionMark draw() {
        long drawn = ThreadLocalRandom.current().nextLong();
        return new SessionMark(
                "fustor-" + HexFormat.of().toHexDigits(drawn).toLowerCase(Locale.ROOT));
    }

    /// An SQL expression that takes the lock; 1 if that succeeds.
    public String take() {
        return "GET_LOCK('" + name + "', 0)";
    }

    /// An SQL expression that is NULL if no session of the server holds the lock.
    String look() {
        return "IS_USED_LOCK('" + name + "')";
    }
}
