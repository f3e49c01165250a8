package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.server.FieldDiscovery;
import io.fustor.source.mysql.server.ServerAddress;
import io.fustor.source.mysql.server.Servers;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/// What the tables of configured sources look like, as it was when somebody last asked.
@Component
public class SourceFields {

    private final Sources sources;
    private final SourceStore store;
    private final Servers servers;
    private final TransactionTemplate transactions;

    SourceFields(
            Sources sources, SourceStore store, Servers servers, TransactionTemplate transactions) {
        this.sources = sources;
        this.store = store;
        this.servers = servers;
        this.transactions = transactions;
    }

    /// The cached fields of a source, as a JSON object with the key `properties`.
    ///
    /// @throws RequestException NOT_FOUND
    public String cached(String id) {
        sources.require(id);
        return store.fields(id).orElse("{\"properties\":{}}");
    }

    /// Asks a source's server, as somebody who sees its tables, and caches the answer. Blocks until
    /// the server has answered.
    ///
    /// @throws RequestException NOT_FOUND
    /// @throws SourceException with what hinders the connection
    DiscoveredFields discover(String id, Credential administrator) {
        ServerAddress address = sources.require(id).config().address();
        DiscoveredFields found = FieldDiscovery.read(servers.access(address, administrator));
        // The source may have gone meanwhile.
        sources.require(id);
        transactions.executeWithoutResult(_ -> store.putFields(id, found.json()));
        return found;
    }
}
