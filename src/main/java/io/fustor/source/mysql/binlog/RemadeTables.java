package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.TableId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Records, along a binlog file, where tables and schemas were dropped that were created again
/// later.
///
/// A table can be created again only after its drop is complete. If commits are ordered, everything
/// before the drop is complete by then too. Changes of the earlier table therefore need not be sent
/// again.
final class RemadeTables {

    private final NameRule names;

    /// A schema is stored under its name without a table name.
    private final Map<TableId, Long> dropped = new HashMap<>();

    private long afterLastDrop;

    RemadeTables(NameRule names) {
        this.names = names;
    }

    /// Adds a statement of the binlog.
    ///
    /// @param event with the cursor at a query event's body
    /// @param end the offset of its end in the file
    void take(EventBytes event, boolean isMariaDb, long end) {
        QueryEvent query = QueryEvent.read(event);
        if (!query.isBegin() && !query.isCommit()) {
            take(new StatementTokens(query.context(), query, isMariaDb), end);
        }
    }

    void take(StatementTokens tokens, long end) {
        if (tokens.accept("DROP")) {
            takeDrop(tokens, end);
        } else if (tokens.accept("CREATE")) {
            takeCreate(tokens);
        }
    }

    private void takeDrop(StatementTokens tokens, long end) {
        if (isSchema(tokens)) {
            passOverCondition(tokens);
            drop(schema(tokens), end);
        } else if (tokens.accept("TABLE") || tokens.accept("TABLES")) {
            passOverCondition(tokens);
            do {
                drop(tokens.acceptTable(), end);
            } while (tokens.accept(','));
        }
    }

    private void drop(@Nullable TableId name, long end) {
        if (name != null) {
            dropped.put(names.stored(name), end);
        }
    }

    private void takeCreate(StatementTokens tokens) {
        TableId name = null;
        if (isSchema(tokens)) {
            passOverCondition(tokens);
            name = schema(tokens);
        } else if (tokens.accept("TABLE")) {
            passOverCondition(tokens);
            name = tokens.acceptTable();
        }
        if (name != null) {
            afterLastDrop = Math.max(afterLastDrop, dropped.getOrDefault(names.stored(name), 0L));
        }
    }

    private static boolean isSchema(StatementTokens tokens) {
        return tokens.accept("DATABASE") || tokens.accept("SCHEMA");
    }

    private static @Nullable TableId schema(StatementTokens tokens) {
        String name = tokens.acceptName();
        return name == null ? null : new TableId(name, "");
    }

    private static void passOverCondition(StatementTokens tokens) {
        if (tokens.accept("IF")) {
            tokens.accept("NOT");
            tokens.accept("EXISTS");
        }
    }

    /// The offset after the last drop of an object that was created again later; 0 if there is
    /// none.
    long afterLastDrop() {
        return afterLastDrop;
    }
}
