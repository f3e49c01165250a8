package io.fustor.source.mysql.history;

import io.fustor.source.mysql.schema.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a DDL statement does to databases and tables, as far as the reading of rows cares.
sealed interface SchemaChange {

    /// What a statement says about the default character set of a table or a database.
    record Defaults(@Nullable String characterSet, @Nullable String collation) {

        static final Defaults NONE = new Defaults(null, null);

        boolean isEmpty() {
            return characterSet == null && collation == null;
        }
    }

    record CreateSchema(String schema, boolean ifNotExists, Defaults defaults)
            implements SchemaChange {}

    record AlterSchema(String schema, Defaults defaults) implements SchemaChange {}

    record DropSchema(String schema) implements SchemaChange {}

    record CreateTable(
            TableId table,
            boolean ifNotExists,
            List<ColumnSpec> columns,
            List<TableKey> keys,
            Defaults defaults)
            implements SchemaChange {}

    record CreateLike(TableId table, boolean ifNotExists, TableId like) implements SchemaChange {}

    record AlterTable(TableId table, List<Action> actions) implements SchemaChange {}

    record RenameTable(TableId from, TableId to) implements SchemaChange {}

    record DropTable(TableId table) implements SchemaChange {}

    /// The statement makes or changes the table in a way that it does not say itself.
    record LoseTable(TableId table, String why) implements SchemaChange {}

    /// One action of `ALTER TABLE`.
    sealed interface Action {

        record AddColumn(ColumnSpec column, ColumnSpec.Place place) implements Action {}

        /// `CHANGE` and, with the same name, `MODIFY`.
        record ChangeColumn(String old, ColumnSpec column, ColumnSpec.Place place)
                implements Action {}

        record DropColumn(String column) implements Action {}

        record RenameColumn(String from, String to) implements Action {}

        /// `ALTER COLUMN … SET INVISIBLE` or `VISIBLE`.
        record HideColumn(String column, boolean invisible) implements Action {}

        record AddKey(TableKey key) implements Action {}

        record DropKey(String name) implements Action {}

        record RenameKey(String from, String to) implements Action {}

        record SetDefaults(Defaults defaults) implements Action {}

        /// `CONVERT TO CHARACTER SET`.
        ///
        /// @param defaults without a character set for `DEFAULT`, the database's
        record Convert(Defaults defaults) implements Action {}

        record RenameTo(TableId table) implements Action {}
    }
}
