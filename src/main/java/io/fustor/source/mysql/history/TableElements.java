package io.fustor.source.mysql.history;

import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CollateContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.ColumnAttributeContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateTableOptionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DefaultCharsetContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DefaultCollationContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.FieldDefinitionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.KeyListWithExpressionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.KeyPartOrExpressionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableConstraintDefContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableElementContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableElementListContext;
import io.fustor.source.mysql.history.SchemaChange.Defaults;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what stands in the brackets of `CREATE TABLE` and in the actions of `ALTER TABLE`:
/// columns, keys, and the options that set a character set.
final class TableElements {

    private final SqlText names;
    private final DataTypes types;

    TableElements(SqlText names, StatementContext context) {
        this.names = names;
        this.types = new DataTypes(names, context);
    }

    /// Reads columns and keys in the order in which they stand there.
    void read(TableElementListContext tree, List<ColumnSpec> columns, List<TableKey> keys) {
        for (TableElementContext element : tree.tableElement()) {
            if (element.columnDefinition() == null) {
                readKey(element.tableConstraintDef(), keys);
                continue;
            }
            ColumnSpec column =
                    column(
                            names.name(element.columnDefinition().columnName().identifier()),
                            element.columnDefinition().fieldDefinition());
            columns.add(column);
            column.addKeys(keys);
        }
    }

    ColumnSpec column(String name, FieldDefinitionContext tree) {
        TypeSpec type = types.read(tree.dataType());
        boolean isSerial = tree.dataType().SERIAL_SYMBOL() != null;
        ColumnSpec.Key key = isSerial ? ColumnSpec.Key.UNIQUE : ColumnSpec.Key.NONE;
        boolean isInvisible = false;
        boolean isCounting = isSerial;
        boolean isNullable = true;
        if (tree.collate() != null) {
            type = collated(type, tree.collate());
        }
        for (ColumnAttributeContext attribute : tree.columnAttribute()) {
            if (attribute.collate() != null) {
                type = collated(type, attribute.collate());
            }
            key = key(key, attribute);
            isNullable &= attribute.NOT_SYMBOL() == null || attribute.nullLiteral() == null;
            isCounting |=
                    has(attribute, MySqlParser.AUTO_INCREMENT_SYMBOL)
                            || has(attribute, MySqlParser.SERIAL_SYMBOL);
            isInvisible |=
                    attribute.visibility() != null
                            && attribute.visibility().INVISIBLE_SYMBOL() != null;
        }
        return new ColumnSpec(name, type, key, isNullable && !isCounting, isInvisible, isCounting);
    }

    private static ColumnSpec.Key key(ColumnSpec.Key before, ColumnAttributeContext attribute) {
        if (before == ColumnSpec.Key.PRIMARY || has(attribute, MySqlParser.KEY_SYMBOL)) {
            return ColumnSpec.Key.PRIMARY;
        }
        boolean isUnique =
                has(attribute, MySqlParser.UNIQUE_SYMBOL)
                        || has(attribute, MySqlParser.SERIAL_SYMBOL);
        return isUnique ? ColumnSpec.Key.UNIQUE : before;
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

    /// Adds a key; a constraint of another kind is left out.
    void readKey(TableConstraintDefContext tree, List<TableKey> keys) {
        if (tree.type == null) {
            return;
        }
        switch (tree.type.getType()) {
            case MySqlParser.PRIMARY_SYMBOL ->
                    keys.add(TableKey.primary(parts(tree.keyListWithExpression())));
            case MySqlParser.UNIQUE_SYMBOL ->
                    keys.add(
                            new TableKey(keyName(tree), true, parts(tree.keyListWithExpression())));
            case MySqlParser.KEY_SYMBOL, MySqlParser.INDEX_SYMBOL ->
                    keys.add(
                            new TableKey(
                                    keyName(tree), false, parts(tree.keyListWithExpression())));
            default -> {
                // Nothing that tells rows apart.
            }
        }
    }

    private String keyName(TableConstraintDefContext tree) {
        if (tree.indexNameAndType() != null && tree.indexNameAndType().indexName() != null) {
            return names.name(tree.indexNameAndType().indexName().identifier());
        }
        return tree.constraintName() == null || tree.constraintName().identifier() == null
                ? ""
                : names.name(tree.constraintName().identifier());
    }

    List<TableKey.Part> parts(KeyListWithExpressionContext tree) {
        List<TableKey.Part> parts = new ArrayList<>();
        for (KeyPartOrExpressionContext part : tree.keyPartOrExpression()) {
            parts.add(
                    part.keyPart() == null
                            ? new TableKey.Part("", false)
                            : new TableKey.Part(
                                    names.name(part.keyPart().identifier()),
                                    part.keyPart().fieldLength() == null));
        }
        return parts;
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
