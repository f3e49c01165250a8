package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.Catalog.Entry;
import io.fustor.source.mysql.schemahistory.SchemaHistoryStore.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The versions of each table, by the place from which they are valid.
///
/// Not thread-safe; [SchemaHistory] guards it.
final class TableVersions {

    private final Map<TableId, TreeMap<SchemaPlace, Optional<Entry>>> versions = new HashMap<>();

    void clear() {
        versions.clear();
    }

    void add(Version version) {
        versions.computeIfAbsent(version.table(), _ -> new TreeMap<>())
                .put(version.place(), Optional.ofNullable(version.entry()));
    }

    /// The version of a table that is valid at a place; null if there was no such table.
    @Nullable Entry at(TableId table, SchemaPlace place) {
        TreeMap<SchemaPlace, Optional<Entry>> all = versions.get(table);
        Map.Entry<SchemaPlace, Optional<Entry>> version =
                all == null ? null : all.floorEntry(place);
        return version == null ? null : version.getValue().orElse(null);
    }

    /// The versions that were valid only before a place.
    List<Version> superseded(Place oldest) {
        List<Version> superseded = new ArrayList<>();
        versions.forEach((table, all) -> superseded.addAll(superseded(oldest, table, all)));
        return superseded;
    }

    private static List<Version> superseded(
            Place oldest, TableId table, NavigableMap<SchemaPlace, Optional<Entry>> all) {
        Map.Entry<SchemaPlace, Optional<Entry>> kept = all.floorEntry(SchemaPlace.of(oldest));
        List<Version> superseded = new ArrayList<>();
        if (kept != null) {
            boolean isGone = kept.getValue().isEmpty();
            all.headMap(kept.getKey(), isGone)
                    .forEach(
                            (place, entry) ->
                                    superseded.add(new Version(place, table, entry.orElse(null))));
        }
        return superseded;
    }

    void removeAll(List<Version> removed) {
        for (Version version : removed) {
            versions.getOrDefault(version.table(), new TreeMap<>()).remove(version.place());
        }
        versions.values().removeIf(Map::isEmpty);
    }

    /// What a statement changed.
    ///
    /// @param start of the statement's transaction
    static List<Version> changed(SchemaPlace start, Catalog before, Catalog after) {
        List<Version> changed = new ArrayList<>();
        after.tables()
                .forEach(
                        (table, entry) -> {
                            if (!entry.equals(before.tables().get(table))) {
                                changed.add(new Version(start, table, entry));
                            }
                        });
        for (TableId table : before.tables().keySet()) {
            if (!after.tables().containsKey(table)) {
                changed.add(new Version(start, table, null));
            }
        }
        return changed;
    }

    /// The tables that were known before a change and are not known after it.
    static List<TableId> lost(List<Version> changed, Catalog before) {
        List<TableId> lost = new ArrayList<>();
        for (Version version : changed) {
            if (version.entry() instanceof Entry.Lost
                    && !(before.tables().get(version.table()) instanceof Entry.Lost)) {
                lost.add(version.table());
            }
        }
        return lost;
    }
}
