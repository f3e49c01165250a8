package io.fustor.source.mysql.condition;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.schema.TableSchema;

/// A condition bound to the columns of one table: what is decided once for a table. Any number of
/// threads may judge rows by it, each with values of its own.
public final class BoundCondition {

    private final int[] ordinals;
    private final RowTest test;
    private final KeyTest key;

    private BoundCondition(int[] ordinals, RowTest test) {
        this.ordinals = ordinals;
        this.test = test;
        this.key = KeyTest.of(test);
    }

    /// Binds a condition.
    ///
    /// @throws RequestException `INVALID_REQUEST` where the table lacks a column, or a column
    ///   cannot be compared as the condition says; with the column, its type and what is possible
    public static BoundCondition of(Condition condition, TableSchema table) {
        ConditionBinder binder = new ConditionBinder(condition, table);
        return new BoundCondition(binder.ordinals(), binder.bind(condition));
    }

    /// The ordinals of the columns whose values are needed, ascending; a column's index here is its
    /// slot. The array is its own: read it only.
    public int[] ordinals() {
        return ordinals;
    }

    /// Whether it matters to the condition what bytes of a slot's text in UTF-8 become that are no
    /// characters; else the text may be given as it is stored.
    public boolean readsCharacters(int slot) {
        return test.readsCharacters(slot);
    }

    /// Whether a row meets the condition: whether it is true, and not unknown.
    public boolean matches(RowValues row) {
        return test.of(row) == RowTest.TRUE;
    }

    /// What a row's value in one column has to be; conditions of one shape differ in that only.
    public KeyTest key() {
        return key;
    }
}
