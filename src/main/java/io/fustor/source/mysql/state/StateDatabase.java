package io.fustor.source.mysql.state;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/// Writes to the state database, for the stores of all modules: whole or not at all, and on disk
/// when the method returns. May be called by any thread.
@Component
public class StateDatabase {

    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final WriteMark mark;
    private final StateCondition condition;

    private record Written<T>(T result, long number) {}

    StateDatabase(
            JdbcClient database,
            TransactionTemplate transactions,
            WriteMark mark,
            StateCondition condition) {
        this.database = database;
        this.transactions = transactions;
        this.mark = mark;
        this.condition = condition;
    }

    /// Runs statements in one transaction.
    ///
    /// @throws DuplicateKeyException where one of them asks for a key that is taken
    /// @throws SourceException `STATE_UNAVAILABLE` where nothing was stored
    public void write(Runnable statements) {
        write(
                () -> {
                    statements.run();
                    return true;
                });
    }

    /// Runs statements in one transaction and returns their result.
    ///
    /// @throws DuplicateKeyException where one of them asks for a key that is taken
    /// @throws SourceException `STATE_UNAVAILABLE` where nothing was stored
    public <T> T write(Supplier<T> statements) {
        try {
            Written<T> written =
                    Objects.requireNonNull(
                            transactions.execute(
                                    _ -> new Written<>(statements.get(), nextNumber())));
            mark.raise(written.number());
            condition.worked();
            return written.result();
        } catch (DuplicateKeyException e) {
            throw e;
        } catch (DataAccessException | TransactionException e) {
            throw condition.failed(e);
        }
    }

    /// Counts the write in its own transaction.
    private long nextNumber() {
        if (!mark.isKept()) {
            return 0;
        }
        database.sql("update state_write set number = number + 1 where id = 1").update();
        long number =
                database.sql("select number from state_write where id = 1")
                        .query(Long.class)
                        .single();
        if (number <= mark.number()) {
            throw condition.failed(
                    new SourceException(
                            FailureCode.STATE_UNAVAILABLE,
                            "The database file fell back to its write "
                                    + (number - 1)
                                    + "; "
                                    + mark.number()
                                    + " was stored. Restart the service."));
        }
        return number;
    }
}
