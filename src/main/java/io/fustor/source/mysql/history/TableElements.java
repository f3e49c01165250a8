package io.fustor.source.mysql.history;

import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CollateContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.ColumnAttributeContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateTableOptionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DefaultCharsetContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DefaultCollationContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.FieldDefinitionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.KeyPartOrExpressionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableConstraintDefContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableElementContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableElementListContext;
import io.fustor.source.mysql.history.SchemaChange.Defaults;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what stands in the brackets of `CREATE TABLE` and in the actions of `ALTER TABLE`:
/// columns, primary keys, and the options that set a character set.
final class TableElements {

    private final SqlText names;
    private final DataTypes types;

    TableElements(SqlText names, StatementContext context) {
        this.names = names;
        this.types = new DataTypes(names, context);
    }

    /// Reads columns in the order in which they stand there, and the primary key's names.
    void read(TableElementListContext tree, List<ColumnSpec> columns, List<String> primaryKey) {
        for (TableElementContext element : tree.tableElement()) {
            if (element.columnDefinition() == null) {
                primaryKey.addAll(primaryKey(element.tableConstraintDef()));
                continue;
            }
            ColumnSpec column =
                    column(
                            names.name(element.columnDefinition().columnName().identifier()),
                            element.columnDefinition().fieldDefinition());
            columns.add(column);
            if (column.key()) {
                primaryKey.add(column.name());
            }
        }
    }

    ColumnSpec column(String name, FieldDefinitionContext tree) {
        TypeSpec type = types.read(tree.dataType());
        boolean isKey = false;
        boolean isInvisible = false;
        boolean isCounting = tree.dataType().SERIAL_SYMBOL() != null;
        if (tree.collate() != null) {
            type = collated(type, tree.collate());
        }
        for (ColumnAttributeContext attribute : tree.columnAttribute()) {
            if (attribute.collate() != null) {
                type = collated(type, attribute.collate());
            }
            isKey |= has(attribute, MySqlParser.KEY_SYMBOL);
            isCounting |=
                    has(attribute, MySqlParser.AUTO_INCREMENT_SYMBOL)
                            || has(attribute, MySqlParser.SERIAL_SYMBOL);
            isInvisible |=
                    attribute.visibility() != null
                            && attribute.visibility().INVISIBLE_SYMBOL() != null;
        }
        return new ColumnSpec(name, type, isKey, isInvisible, isCounting);
    }

    private static boolean has(ColumnAttributeContext attribute, int symbol) {
        return attribute.value != null && attribute.value.getType() == symbol;
    }

    private TypeSpec collated(TypeSpec type, CollateContext collate) {
        return type.with(type.text().withCollation(collation(collate)));
    }

    String collation(CollateContext collate) {
        return collate.collationName().textOrIdentifier() == null
                ? "binary"
                : names.nameOrText(collate.collationName().textOrIdentifier());
    }

    /// The names in a primary key; none for another key or a constraint.
    List<String> primaryKey(TableConstraintDefContext tree) {
        if (tree.type == null || tree.type.getType() != MySqlParser.PRIMARY_SYMBOL) {
            return List.of();
        }
        List<String> columns = new ArrayList<>();
        for (KeyPartOrExpressionContext part : tree.keyListWithExpression().keyPartOrExpression()) {
            if (part.keyPart() == null) {
                throw new UnknownStatementException("a primary key with an expression");
            }
            columns.add(names.name(part.keyPart().identifier()));
        }
        return columns;
    }

    /// Adds what one option of a table says.
    Defaults with(Defaults defaults, CreateTableOptionContext option) {
        return with(defaults, option.defaultCharset(), option.defaultCollation());
    }

    Defaults with(
            Defaults defaults,
            @Nullable DefaultCharsetContext set,
            @Nullable DefaultCollationContext collation) {
        if (set != null) {
            return new Defaults(types.name(set.charsetName()), defaults.collation());
        }
        if (collation == null) {
            return defaults;
        }
        boolean isBinary = collation.collationName().textOrIdentifier() == null;
        String name =
                isBinary
                        ? "binary"
                        : names.nameOrText(collation.collationName().textOrIdentifier());
        return new Defaults(defaults.characterSet(), name);
    }

    String characterSet(MySqlParser.CharsetNameContext set) {
        return types.name(set);
    }
}
