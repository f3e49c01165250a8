package io.fustor.source.mysql.state;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/// Writes to the state database, for the stores of all modules. A write is all or nothing, and it
/// is on disk when the method returns. Any thread may call this.
@Component
public class StateDatabase {

    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final WriteMark mark;
    private final StateCondition condition;
    private final FileIdentity identity;

    /// Allows one transaction at a time. H2 writes a commit to disk through its maps one after the
    /// other. Meanwhile a change of another transaction may reach the disk without its undo log.
    /// After a crash such a row is locked, or is in one index only.
    private final ReentrantLock writing = new ReentrantLock();

    private record Written<T>(T result, long number) {}

    StateDatabase(
            JdbcClient database,
            TransactionTemplate transactions,
            WriteMark mark,
            StateCondition condition,
            FileIdentity identity) {
        this.database = database;
        this.transactions = transactions;
        this.mark = mark;
        this.condition = condition;
        this.identity = identity;
    }

    /// Runs statements in one transaction.
    ///
    /// @throws DataIntegrityViolationException if a key exists already, or a value does not fit
    /// @throws SourceException `STATE_UNAVAILABLE` if nothing was stored
    public void write(Consumer<StateWrite> statements) {
        writeAnd(
                write -> {
                    statements.accept(write);
                    return true;
                });
    }

    /// Runs statements in one transaction and returns their result.
    ///
    /// @throws DataIntegrityViolationException if a key exists already, or a value does not fit
    /// @throws SourceException `STATE_UNAVAILABLE` if nothing was stored
    public <T> T writeAnd(Function<StateWrite, T> statements) {
        try {
            identity.require();
            Written<T> written = mark.isKept() ? alone(statements) : transaction(statements);
            // A write to a file that is no longer at its path does not count as stored.
            identity.require();
            mark.raise(written.number());
            condition.worked();
            return written.result();
        } catch (DataAccessException | TransactionException | IOException e) {
            throw refused(e);
        }
    }

    private <T> Written<T> alone(Function<StateWrite, T> statements) {
        writing.lock();
        try {
            return transaction(statements);
        } finally {
            writing.unlock();
        }
    }

    private <T> Written<T> transaction(Function<StateWrite, T> statements) {
        return Objects.requireNonNull(
                transactions.execute(
                        _ ->
                                new Written<>(
                                        statements.apply(new StateWrite(database)), nextNumber())));
    }

    /// Checks whether the open file is still at its path, and records a failure if it is not.
    void look() {
        try {
            identity.require();
        } catch (IOException e) {
            refused(e);
        }
    }

    /// Reads with several statements that all see the same state.
    ///
    /// @throws SourceException `STATE_UNAVAILABLE` if it cannot be read
    public <T extends @Nullable Object> T read(Supplier<T> statements) {
        try {
            return transactions.execute(_ -> statements.get());
        } catch (DataAccessException | TransactionException e) {
            throw refused(e);
        }
    }

    private RuntimeException refused(Exception e) {
        DataIntegrityViolationException unfit = StateErrors.unfitValue(e);
        return unfit == null ? condition.failed(e) : unfit;
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
                            "The database file went back to write "
                                    + (number - 1)
                                    + "; "
                                    + mark.number()
                                    + " was already stored. Restart the service."));
        }
        return number;
    }
}
