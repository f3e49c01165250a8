package io.fustor.source.mysql.instance;

import io.fustor.source.mysql.state.StateWrite;

/// Numbers in the state database that count changes by topic. Every instance looks at all of them
/// several times a second, with one question.
public final class Changes {

    /// Sources were added, changed or removed.
    public static final String SOURCES = "sources";

    static final String LEASE = "lease";
    static final String NOTICE = "notice";
    static final String VIEW = "view";

    private Changes() {}

    /// Counts a change, in the write that makes it.
    public static void count(StateWrite write, String topic) {
        write.update("UPDATE state_change SET number = number + 1 WHERE topic = ?", topic);
    }
}
