package io.fustor.source.mysql.history;

import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CollateContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.ColumnAttributeContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CreateTableOptionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DefaultCharsetContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DefaultCollationContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.FieldDefinitionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.IndexNameAndTypeContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.IndexNameContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.KeyListWithExpressionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.KeyPartContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.KeyPartOrExpressionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableConstraintDefContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableElementContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableElementListContext;
import io.fustor.source.mysql.history.ColumnSpec.Nullability;
import io.fustor.source.mysql.history.KeySpec.Kind;
import io.fustor.source.mysql.history.KeySpec.Part;
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
    void read(TableElementListContext tree, List<ColumnSpec> columns, List<KeySpec> keys) {
        for (TableElementContext element : tree.tableElement()) {
            if (element.columnDefinition() != null) {
                ColumnSpec column =
                        column(
                                names.name(element.columnDefinition().columnName().identifier()),
                                element.columnDefinition().fieldDefinition());
                columns.add(column);
                KeySpec own = ownKey(column);
                if (own != null) {
                    keys.add(own);
                }
                continue;
            }
            KeySpec key = key(element.tableConstraintDef());
            if (key != null) {
                keys.add(key);
            }
        }
    }

    /// The key that a column's definition asks for itself.
    static @Nullable KeySpec ownKey(ColumnSpec column) {
        if (column.key() == null) {
            return null;
        }
        String name = column.key() == Kind.PRIMARY ? KeySpec.PRIMARY : "";
        return new KeySpec(name, column.key(), List.of(new Part(column.name(), true)));
    }

    ColumnSpec column(String name, FieldDefinitionContext tree) {
        TypeSpec type = types.read(tree.dataType());
        Nullability nullability = null;
        Kind key = null;
        if (tree.dataType().SERIAL_SYMBOL() != null) {
            nullability = Nullability.NOT_NULL;
            key = Kind.UNIQUE;
        }
        if (tree.collate() != null) {
            type = collated(type, tree.collate());
        }
        for (ColumnAttributeContext attribute : tree.columnAttribute()) {
            if (attribute.collate() != null) {
                type = collated(type, attribute.collate());
            }
            Nullability said = nullability(attribute);
            nullability = said == null ? nullability : said;
            Kind asked = ownKey(attribute);
            key = asked == null || key == Kind.PRIMARY ? key : asked;
        }
        return new ColumnSpec(name, type, nullability, key);
    }

    private TypeSpec collated(TypeSpec type, CollateContext collate) {
        return type.with(type.text().withCollation(collation(collate)));
    }

    String collation(CollateContext collate) {
        return collate.collationName().textOrIdentifier() == null
                ? "binary"
                : names.nameOrText(collate.collationName().textOrIdentifier());
    }

    private static @Nullable Nullability nullability(ColumnAttributeContext attribute) {
        if (attribute.nullLiteral() != null) {
            return attribute.NOT_SYMBOL() == null ? Nullability.NULL : Nullability.NOT_NULL;
        }
        if (attribute.value == null) {
            return null;
        }
        return switch (attribute.value.getType()) {
            case MySqlParser.AUTO_INCREMENT_SYMBOL, MySqlParser.SERIAL_SYMBOL ->
                    Nullability.NOT_NULL;
            default -> null;
        };
    }

    private static @Nullable Kind ownKey(ColumnAttributeContext attribute) {
        if (attribute.value == null) {
            return null;
        }
        return switch (attribute.value.getType()) {
            case MySqlParser.KEY_SYMBOL -> Kind.PRIMARY;
            case MySqlParser.UNIQUE_SYMBOL, MySqlParser.SERIAL_SYMBOL -> Kind.UNIQUE;
            default -> null;
        };
    }

    /// Null for what is no key: `CHECK`, and `FOREIGN KEY`, whose own index nobody needs here.
    @Nullable KeySpec key(TableConstraintDefContext tree) {
        if (tree.type == null || tree.keyListWithExpression() == null) {
            return null;
        }
        List<Part> parts = parts(tree.keyListWithExpression());
        return switch (tree.type.getType()) {
            case MySqlParser.PRIMARY_SYMBOL -> new KeySpec(KeySpec.PRIMARY, Kind.PRIMARY, parts);
            case MySqlParser.UNIQUE_SYMBOL -> new KeySpec(uniqueName(tree), Kind.UNIQUE, parts);
            default ->
                    new KeySpec(
                            keyName(tree.indexNameAndType(), tree.indexName()), Kind.OTHER, parts);
        };
    }

    private String uniqueName(TableConstraintDefContext tree) {
        String name = keyName(tree.indexNameAndType(), tree.indexName());
        boolean hasConstraint =
                tree.constraintName() != null && tree.constraintName().identifier() != null;
        return name.isEmpty() && hasConstraint
                ? names.name(tree.constraintName().identifier())
                : name;
    }

    private String keyName(
            @Nullable IndexNameAndTypeContext withType, @Nullable IndexNameContext name) {
        if (withType != null && withType.indexName() != null) {
            return names.name(withType.indexName().identifier());
        }
        return name == null ? "" : names.name(name.identifier());
    }

    List<Part> parts(KeyListWithExpressionContext tree) {
        List<Part> parts = new ArrayList<>();
        for (KeyPartOrExpressionContext part : tree.keyPartOrExpression()) {
            KeyPartContext plain = part.keyPart();
            parts.add(
                    plain == null
                            ? new Part("", false)
                            : new Part(
                                    names.name(plain.identifier()), plain.fieldLength() == null));
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
