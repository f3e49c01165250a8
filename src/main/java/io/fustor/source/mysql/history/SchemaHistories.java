package io.fustor.source.mysql.history;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/// The schema histories of all servers that this instance reads, each loaded once.
@Component
public class SchemaHistories {

    private final SchemaHistoryStore store;
    private final Map<Long, SchemaHistory> byServer = new ConcurrentHashMap<>();

    SchemaHistories(SchemaHistoryStore store) {
        this.store = store;
    }

    /// The history of a server; empty where nobody has begun it. The first call of a server blocks
    /// on the state database.
    ///
    /// @param server the server's number, as in [FeedPosition#server]
    public SchemaHistory of(long server) {
        return byServer.computeIfAbsent(server, number -> SchemaHistory.load(store, number));
    }
}
