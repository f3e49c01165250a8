package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.server.FieldDiscovery;
import io.fustor.source.mysql.server.ServerAddress;
import io.fustor.source.mysql.server.Servers;
import io.fustor.source.mysql.state.StateDatabase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.springframework.stereotype.Component;

/// What the tables of configured sources look like, as it was when somebody last asked. Kept
/// compressed: 200,000 fields are 26 MB of JSON, which the embedded database would hold in memory
/// several times over while it writes them.
@Component
public class SourceFields {

    private final Sources sources;
    private final SourceStore store;
    private final Servers servers;
    private final StateDatabase state;

    SourceFields(Sources sources, SourceStore store, Servers servers, StateDatabase state) {
        this.sources = sources;
        this.store = store;
        this.servers = servers;
        this.state = state;
    }

    /// Writes the cached fields of a source, as a JSON object with the key `properties` in UTF-8.
    ///
    /// @throws RequestException NOT_FOUND, before anything is written
    public void writeCached(String id, OutputStream out) throws IOException {
        sources.require(id);
        byte[] compressed = store.fields(id).orElse(null);
        if (compressed == null) {
            out.write("{\"properties\":{}}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        try (InputStream json = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
            json.transferTo(out);
        }
    }

    /// Asks a source's server, as somebody who sees its tables, and caches the answer. Blocks until
    /// the server has answered.
    ///
    /// @throws RequestException NOT_FOUND
    /// @throws SourceException with what hinders the connection
    DiscoveredFields discover(String id, Credential administrator) {
        ServerAddress address = sources.require(id).config().address();
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        DiscoveredFields found =
                FieldDiscovery.read(servers.access(address, administrator), gzip(compressed));
        // The source may have gone meanwhile.
        sources.require(id);
        state.write(() -> store.putFields(id, compressed.toByteArray()));
        return found;
    }

    /// Fields in the form in which they are stored.
    static byte[] compress(byte[] json) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = gzip(compressed)) {
            out.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    private static OutputStream gzip(ByteArrayOutputStream compressed) {
        try {
            return new GZIPOutputStream(compressed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
