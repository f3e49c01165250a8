package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A server's collations and character sets by name. They differ between servers (`utf8mb4` has
/// another default in 5.7 than in 8.0), so they are read and stored with the baseline.
public final class CollationNames {

    /// One collation of the server.
    ///
    /// @param id `information_schema.COLLATIONS.ID`
    /// @param isDefault whether it is its character set's default
    /// @param maxBytes the maximum number of bytes of a character in the set
    public record Named(
            String name, int id, String characterSet, boolean isDefault, int maxBytes) {}

    private final List<Named> all;
    private final Map<String, Named> byName = new HashMap<>();
    private final Map<String, Named> defaults = new HashMap<>();
    private final Map<Integer, Named> byId = new HashMap<>();

    public CollationNames(List<Named> all) {
        this.all = List.copyOf(all);
        for (Named named : all) {
            byName.put(plain(named.name()), named);
            byId.put(named.id(), named);
            if (named.isDefault()) {
                defaults.put(plain(named.characterSet()), named);
            }
        }
    }

    public List<Named> all() {
        return all;
    }

    /// A name in one spelling of three-byte UTF-8: `utf8` until 8.0.28, `utf8mb3` since.
    private static String plain(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals("utf8")) {
            return "utf8mb3";
        }
        return lower.startsWith("utf8_") ? "utf8mb3_" + lower.substring(5) : lower;
    }

    Named collation(String name) {
        return known(byName.get(plain(name)), "collation", name);
    }

    Named defaultOf(String characterSet) {
        return known(defaults.get(plain(characterSet)), "character set", characterSet);
    }

    /// The collation for the attribute `BINARY`: the set's collation that compares bytes.
    Named binaryOf(String characterSet) {
        String set = plain(characterSet);
        return set.equals("binary") ? defaultOf(set) : collation(set + "_bin");
    }

    Named byId(int id) {
        if (id == 0) {
            throw ColumnTypes.unknown(
                    "its character set is not in the binlog: that of its database is not known, or"
                            + " it was created like a temporary table");
        }
        return known(byId.get(id), "collation's number", String.valueOf(id));
    }

    boolean isSameSet(Named one, Named other) {
        return plain(one.characterSet()).equals(plain(other.characterSet()));
    }

    private static Named known(@Nullable Named named, String what, String name) {
        if (named == null) {
            throw new SourceException(
                    FailureCode.SCHEMA_UNKNOWN, "the server has no %s %s".formatted(what, name));
        }
        return named;
    }
}
