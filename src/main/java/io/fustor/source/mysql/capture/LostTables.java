package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.Catalog;
import io.fustor.source.mysql.schemahistory.SchemaHistory;
import io.fustor.source.mysql.schemahistory.TouchedTables;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the server for the structure of a table that the statements in the binlog do not provide.
/// The answer counts only if no statement between the rows and the answer touched the table.
///
/// For the thread of one reader, which waits for the answer.
final class LostTables {

    /// The time limit for reading the statements up to the answer. A reader that lags far has more
    /// binlog between the rows and the answer.
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /// The time before another query for a table that remained unknown.
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private static final int MOST = 1000;

    private static final Logger log = LoggerFactory.getLogger(LostTables.class);

    private final CapturedSchemas schemas;
    private final Map<TableId, Long> asked = new HashMap<>();

    LostTables(CapturedSchemas schemas) {
        this.schemas = schemas;
    }

    /// Whether the history has learned something new.
    ///
    /// @param start of the transaction with rows of the table
    boolean ask(SchemaHistory history, TableId table, Place start) {
        long now = System.nanoTime();
        Long before = asked.get(table);
        if (before != null && now - before < AGAIN.toNanos()) {
            return false;
        }
        if (asked.size() >= MOST) {
            asked.clear();
        }
        asked.put(table, now);
        try {
            return learn(history, table, start);
        } catch (SourceException e) {
            log.warn("schemas table={} code={} detail={}", table, e.code(), e.getMessage());
            return false;
        }
    }

    private boolean learn(SchemaHistory history, TableId table, Place start) {
        TouchedTables touched = history.touched();
        Catalog described = schemas.describe(history, table);
        if (described.isEmpty()) {
            return false;
        }
        Place end = schemas.readStatements(start, schemas.end(start.server()), touched, LONGEST);
        return end != null
                && !touched.isTouchedAfter(table, start)
                && history.learn(table, described, start, end);
    }
}
