package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The effect of a DDL statement on databases and tables, as far as it affects how rows are read.
sealed interface SchemaChange {

    /// The default character set that a statement gives for a table or a database.
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

    /// A table with columns of its own.
    ///
    /// @param filled whether rows of a `SELECT` follow, as the server's own text says (MySQL 8.0.21
    ///   and later): the table was not made `LIKE` another
    record CreateTable(
            TableId table,
            boolean ifNotExists,
            boolean filled,
            List<ColumnSpec> columns,
            List<TableKey> keys,
            Defaults defaults)
            implements SchemaChange {}

    record CreateLike(TableId table, boolean ifNotExists, TableId like) implements SchemaChange {}

    record AlterTable(TableId table, List<Action> actions) implements SchemaChange {}

    record RenameTable(TableId from, TableId to) implements SchemaChange {}

    record DropTable(TableId table) implements SchemaChange {}

    record CreateView(TableId view, boolean ifNotExists) implements SchemaChange {}

    record DropView(TableId view) implements SchemaChange {}

    /// The change applies if the table exists.
    record IfExists(TableId table, SchemaChange change) implements SchemaChange {}

    /// The statement creates or changes the table in a way that its text does not show.
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
        /// @param defaults without a character set for `DEFAULT`, which is the database's
        record Convert(Defaults defaults) implements Action {}

        record RenameTo(TableId table) implements Action {}

        /// With `IF EXISTS` or `IF NOT EXISTS`.
        record Conditional(Action action) implements Action {}
    }
}
