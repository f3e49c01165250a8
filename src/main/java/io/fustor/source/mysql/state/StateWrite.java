package io.fustor.source.mysql.state;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The statements of one write to the state database. [StateDatabase] passes it to the writing code
/// for the duration of the write. There is no other way to change the stored state.
public final class StateWrite {

    private final JdbcClient database;

    StateWrite(JdbcClient database) {
        this.database = database;
    }

    /// Runs a statement that changes rows.
    ///
    /// @param values for the statement's question marks; null for NULL
    /// @return how many rows it changed
    public int update(String statement, @Nullable Object... values) {
        JdbcClient.StatementSpec spec = database.sql(statement);
        for (@Nullable Object value : values) {
            spec = spec.param(value);
        }
        return spec.update();
    }
}
