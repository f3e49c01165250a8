package io.fustor.source.mysql.server;

import java.util.List;

/// The server's description of the selected tables.
///
/// @param readable the tables whose rows the user may read, ordered by schema and table
/// @param passedOver the other selected tables, as far as the server shows them
public record TableDrafts(List<TableDescription> readable, List<PassedOver> passedOver) {

    public TableDrafts {
        readable = List.copyOf(readable);
        passedOver = List.copyOf(passedOver);
    }
}
