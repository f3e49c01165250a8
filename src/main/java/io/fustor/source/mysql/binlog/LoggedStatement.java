package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.FeedPosition;

/// A statement as a query event of the binlog has it.
///
/// @param start of the transaction that the statement is, or opens
/// @param after behind the statement's own event
/// @param schema the session's database, empty where it had none
/// @param variables the event's status variables, without their length
/// @param sql in the character set that the status variables name
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LoggedStatement(
        FeedPosition start, FeedPosition after, String schema, byte[] variables, byte[] sql) {

    /// @param event with the cursor at a query event's body
    static LoggedStatement read(EventBytes event, FeedPosition start, FeedPosition after) {
        event.skip(8);
        int schemaLength = event.unsignedByte();
        event.skip(2);
        byte[] variables = event.copy((int) event.number(2));
        String schema = event.text(schemaLength);
        event.skip(1);
        return new LoggedStatement(start, after, schema, variables, event.copy(event.remaining()));
    }
}
