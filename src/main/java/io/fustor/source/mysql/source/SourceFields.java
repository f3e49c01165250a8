package io.fustor.source.mysql.source;

import io.fustor.source.mysql.connection.AnswerMemory;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.HeldBytes;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.Servers;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.server.FieldDiscovery;
import io.fustor.source.mysql.state.StateDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.springframework.stereotype.Component;

/// The cached table structures of configured sources, as of the last discovery. They are stored
/// compressed: 200,000 fields are 26 MB of JSON, of which the embedded database would hold several
/// copies in memory while it writes them.
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
    /// @param sight of the caller, who gets the fields that it sees
    /// @throws RequestException NOT_FOUND, before anything is written
    public void writeCached(String id, Sight sight, OutputStream out) throws IOException {
        Source source = SeenSources.of(sources, sight).require(id);
        byte[] compressed = store.fields(id).orElse(null);
        if (compressed == null) {
            out.write("{\"properties\":{}}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        if (sight.isLimited()) {
            VisibleFields.copy(sight.scope(), masks(source, sight), () -> json(compressed), out);
            return;
        }
        try (InputStream json = json(compressed)) {
            json.transferTo(out);
        }
    }

    private static InputStream json(byte[] compressed) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(compressed));
    }

    private Masks masks(Source source, Sight sight) {
        return sight.grant().unmasked() ? Masks.NONE : store.masks(source.config());
    }

    /// Queries a source's server as a user that can see its tables, and caches the result. Blocks
    /// until the server has responded.
    ///
    /// @throws RequestException NOT_FOUND
    /// @throws SourceException if the connection fails
    DiscoveredFields discover(String id, Credential administrator) {
        ServerAddress address = sources.require(id).config().address();
        ServerAccess access = servers.access(address, administrator);
        HeldBytes compressed = new HeldBytes(AnswerMemory.OF_HEAP.open(access));
        try {
            DiscoveredFields found = FieldDiscovery.read(access, gzip(compressed));
            // The source may have been deleted meanwhile.
            sources.require(id);
            byte[] fields = compressed.copy();
            state.write(write -> store.putFields(write, id, fields));
            return found;
        } finally {
            compressed.release();
        }
    }

    private static OutputStream gzip(OutputStream compressed) {
        try {
            return new GZIPOutputStream(compressed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
