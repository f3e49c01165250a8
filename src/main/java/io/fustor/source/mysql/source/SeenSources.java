package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.grant.Sight;
import java.util.List;

/// The sources as one caller sees them: what the caller does not see does not exist. Controllers
/// take their sources from here. Any thread may call.
public final class SeenSources {

    /// An id that no source can have.
    private static final String NO_SOURCE = "-";

    private final Sources sources;
    private final Sight sight;

    private SeenSources(Sources sources, Sight sight) {
        this.sources = sources;
        this.sight = sight;
    }

    /// The sources as the caller of a request sees them.
    public static SeenSources of(Sources sources, Sight sight) {
        return new SeenSources(sources, sight);
    }

    /// All of them, by id.
    public List<Source> all() {
        return sources.all().stream().filter(source -> sight.sees(source.id())).toList();
    }

    /// Their ids, in order.
    public List<String> ids() {
        return sources.ids().stream().filter(sight::sees).toList();
    }

    /// The source of this id.
    ///
    /// @throws RequestException NOT_FOUND
    public Source require(String id) {
        requireSeen(id);
        return sources.require(id);
    }

    /// The run of a started source.
    ///
    /// @throws RequestException NOT_FOUND, or CONFLICT if it is disabled or stopped
    public SourceRun run(String id) {
        requireSeen(id);
        return sources.run(id);
    }

    /// Does what is done for a source that does not exist, the same question to the state database
    /// included, so that the time does not tell them apart.
    private void requireSeen(String id) {
        if (!sight.sees(id)) {
            sources.takeOverCreated(NO_SOURCE);
            throw SourceRefusals.unknown(id);
        }
    }
}
