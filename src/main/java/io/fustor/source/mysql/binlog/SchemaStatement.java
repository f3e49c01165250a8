package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.StatementContext;

/// A statement of the binlog with its places; it owns its bytes.
///
/// @param start of the transaction that the statement is, or opens
/// @param after the place after the statement's own event
/// @param context the session's database and settings
/// @param sql in the character set of the context
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SchemaStatement(Place start, Place after, StatementContext context, byte[] sql) {

    static SchemaStatement of(QueryEvent query, Place start, Place after) {
        return new SchemaStatement(start, after, query.context(), query.sql());
    }
}
