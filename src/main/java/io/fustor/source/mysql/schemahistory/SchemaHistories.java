package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.position.Place;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/// The schema histories of all servers that this instance reads; each is loaded once.
@Component
public class SchemaHistories {

    private final SchemaHistoryStore store;
    private final Map<Key, SchemaHistory> byServer = new ConcurrentHashMap<>();

    private record Key(String address, long server) {}

    SchemaHistories(SchemaHistoryStore store) {
        this.store = store;
    }

    /// The history of a server at an address; empty if none was begun. The first call for a server
    /// blocks on the state database. Two servers with the same number have separate histories,
    /// because they cannot have the same address at one time.
    ///
    /// @param address the address in the source
    /// @param server the server's number, as in [Place#server]
    public SchemaHistory of(String address, long server) {
        return byServer.computeIfAbsent(
                new Key(address, server),
                key -> SchemaHistory.load(store, number(key), key.server()));
    }

    private static long number(Key key) {
        return Place.serverNumber(key.address() + "/" + Long.toHexString(key.server()));
    }
}
