package io.fustor.source.mysql.grant;

import io.fustor.source.mysql.schema.NamePattern;
import io.fustor.source.mysql.schema.Scope;
import java.time.Instant;

/// What the caller of one request may see. Every controller method that answers with data of
/// sources takes one, and shows nothing that the sight does not include: what lies outside of it
/// does not exist for the caller.
///
/// @param owner who the caller is, for what belongs to a caller: `reader:` with the reader's name,
///   `jwt:` with the subject of the token, or the empty text for all configured tokens
/// @param extent how far the caller sees
/// @param scope the visible tables and columns
/// @param standing whether the grant still stands
public record Sight(String owner, Extent extent, Grant grant, Scope scope, Standing standing) {

    /// The request attribute that holds the sight.
    public static final String ATTRIBUTE = "fustor.sight";

    /// What belongs to all configured tokens together.
    public static final String SHARED = "";

    /// A configured token with the role reader.
    public static final Sight OF_TOKEN = everything(Extent.EVERYTHING);

    /// An administrator.
    public static final Sight OF_ADMINISTRATOR = everything(Extent.EVERYTHING_OF_ALL);

    /// A caller that sees no data at all.
    public static final Sight NOTHING = everything(Extent.NOTHING);

    /// How far a caller sees.
    public enum Extent {
        /// No source.
        NOTHING,
        /// What a grant includes, and what belongs to the caller.
        GRANT,
        /// All sources, tables and columns.
        EVERYTHING,
        /// All sources, tables and columns, and what belongs to other callers.
        EVERYTHING_OF_ALL
    }

    /// A module that takes data out of the service: it sees everything, but masked values masked.
    public static final Sight OF_WRITER =
            new Sight(SHARED, Extent.EVERYTHING, Grant.MASKED, Scope.EVERYTHING, Standing.always());

    private static Sight everything(Extent extent) {
        return new Sight(SHARED, extent, Grant.EVERYTHING, Scope.EVERYTHING, Standing.always());
    }

    /// The sight of a caller with a grant.
    public static Sight of(String owner, Grant grant, Standing standing) {
        return new Sight(owner, Extent.GRANT, grant, grant.scope(), standing);
    }

    /// Whether a grant limits what the caller sees.
    public boolean isLimited() {
        return extent == Extent.GRANT || extent == Extent.NOTHING;
    }

    /// Whether the caller sees what belongs to other callers.
    public boolean seesAllOwners() {
        return extent == Extent.EVERYTHING_OF_ALL;
    }

    /// Whether the caller sees what belongs to an owner.
    public boolean seesOwner(String other) {
        return seesAllOwners() || owner.equals(other);
    }

    /// Whether the source exists for the caller.
    public boolean sees(String source) {
        return switch (extent) {
            case NOTHING -> false;
            case GRANT ->
                    grant.sources().isEmpty()
                            || grant.sources().stream()
                                    .anyMatch(one -> NamePattern.matches(one, source));
            case EVERYTHING, EVERYTHING_OF_ALL -> true;
        };
    }

    /// Whether the grant is over.
    public boolean isOver(Instant now) {
        return standing.isOver(now);
    }
}
