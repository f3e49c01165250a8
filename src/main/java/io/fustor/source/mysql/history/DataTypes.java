package io.fustor.source.mysql.history;

import io.debezium.ddl.parser.mysql.generated.MySqlParser;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CharsetNameContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.CharsetWithOptBinaryContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.DataTypeContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.FieldLengthContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.FieldOptionsContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.PrecisionContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TextStringContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TypeDatetimePrecisionContext;
import io.fustor.source.mysql.history.TypeSpec.TextSpec;
import io.fustor.source.mysql.schema.ColumnType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads a column's type out of a statement's tree. The synonyms are those of the manual's 'Data
/// Types'.
final class DataTypes {

    private static final TextSpec NATIONAL = new TextSpec("utf8mb3", null, false);
    private static final TextSpec BINARY = new TextSpec("binary", null, false);

    private final SqlText names;
    private final boolean isRealFloat;

    DataTypes(SqlText names, StatementContext context) {
        this.names = names;
        this.isRealFloat = context.isRealFloat();
    }

    TypeSpec read(DataTypeContext tree) {
        if (tree.nchar() != null) {
            return national(tree, ColumnType.CHAR, length(tree.fieldLength(), 1));
        }
        return switch (tree.type.getType()) {
            case MySqlParser.TINYINT_SYMBOL -> number(ColumnType.TINYINT, tree.fieldOptions());
            case MySqlParser.SMALLINT_SYMBOL -> number(ColumnType.SMALLINT, tree.fieldOptions());
            case MySqlParser.MEDIUMINT_SYMBOL -> number(ColumnType.MEDIUMINT, tree.fieldOptions());
            case MySqlParser.INT_SYMBOL -> number(ColumnType.INT, tree.fieldOptions());
            case MySqlParser.BIGINT_SYMBOL -> number(ColumnType.BIGINT, tree.fieldOptions());
            case MySqlParser.SERIAL_SYMBOL -> TypeSpec.of(ColumnType.BIGINT).asUnsigned();
            case MySqlParser.BOOL_SYMBOL, MySqlParser.BOOLEAN_SYMBOL ->
                    TypeSpec.of(ColumnType.TINYINT);
            case MySqlParser.REAL_SYMBOL ->
                    number(isRealFloat ? ColumnType.FLOAT : ColumnType.DOUBLE, tree.fieldOptions());
            case MySqlParser.DOUBLE_SYMBOL -> number(ColumnType.DOUBLE, tree.fieldOptions());
            case MySqlParser.FLOAT_SYMBOL -> floating(tree);
            case MySqlParser.DECIMAL_SYMBOL, MySqlParser.NUMERIC_SYMBOL, MySqlParser.FIXED_SYMBOL ->
                    decimal(tree);
            case MySqlParser.BIT_SYMBOL ->
                    TypeSpec.of(ColumnType.BIT, length(tree.fieldLength(), 1), 0);
            // The server has no signed years.
            case MySqlParser.YEAR_SYMBOL -> TypeSpec.of(ColumnType.YEAR).asUnsigned();
            case MySqlParser.DATE_SYMBOL -> TypeSpec.of(ColumnType.DATE);
            case MySqlParser.TIME_SYMBOL -> time(ColumnType.TIME, tree.typeDatetimePrecision());
            case MySqlParser.TIMESTAMP_SYMBOL ->
                    time(ColumnType.TIMESTAMP, tree.typeDatetimePrecision());
            case MySqlParser.DATETIME_SYMBOL ->
                    time(ColumnType.DATETIME, tree.typeDatetimePrecision());
            case MySqlParser.JSON_SYMBOL -> TypeSpec.of(ColumnType.JSON);
            case MySqlParser.VECTOR_SYMBOL -> TypeSpec.of(ColumnType.VECTOR);
            default -> string(tree);
        };
    }

    private TypeSpec string(DataTypeContext tree) {
        return switch (tree.type.getType()) {
            case MySqlParser.CHAR_SYMBOL ->
                    tree.VARYING_SYMBOL() == null
                            ? text(ColumnType.CHAR, length(tree.fieldLength(), 1), 0, tree)
                            : text(ColumnType.VARCHAR, length(tree.fieldLength(), 1), 0, tree);
            case MySqlParser.VARCHAR_SYMBOL ->
                    text(ColumnType.VARCHAR, length(tree.fieldLength(), 1), 0, tree);
            case MySqlParser.NATIONAL_SYMBOL,
                    MySqlParser.NVARCHAR_SYMBOL,
                    MySqlParser.NCHAR_SYMBOL ->
                    national(tree, ColumnType.VARCHAR, length(tree.fieldLength(), 1));
            case MySqlParser.BINARY_SYMBOL ->
                    binary(ColumnType.CHAR, length(tree.fieldLength(), 1), 0);
            case MySqlParser.VARBINARY_SYMBOL ->
                    binary(ColumnType.VARCHAR, length(tree.fieldLength(), 1), 0);
            case MySqlParser.TINYBLOB_SYMBOL -> binary(ColumnType.TEXT, -1, 1);
            case MySqlParser.BLOB_SYMBOL ->
                    binary(ColumnType.TEXT, length(tree.fieldLength(), -1), 2);
            case MySqlParser.MEDIUMBLOB_SYMBOL -> binary(ColumnType.TEXT, -1, 3);
            case MySqlParser.LONGBLOB_SYMBOL -> binary(ColumnType.TEXT, -1, 4);
            case MySqlParser.TINYTEXT_SYMBOL -> text(ColumnType.TEXT, -1, 1, tree);
            case MySqlParser.TEXT_SYMBOL ->
                    text(ColumnType.TEXT, length(tree.fieldLength(), -1), 2, tree);
            case MySqlParser.MEDIUMTEXT_SYMBOL -> text(ColumnType.TEXT, -1, 3, tree);
            case MySqlParser.LONGTEXT_SYMBOL -> text(ColumnType.TEXT, -1, 4, tree);
            case MySqlParser.LONG_SYMBOL ->
                    tree.VARBINARY_SYMBOL() == null
                            ? text(ColumnType.TEXT, -1, 3, tree)
                            : binary(ColumnType.TEXT, -1, 3);
            case MySqlParser.ENUM_SYMBOL -> labelled(ColumnType.ENUM, tree);
            case MySqlParser.SET_SYMBOL -> labelled(ColumnType.SET, tree);
            case MySqlParser.GEOMETRY_SYMBOL,
                    MySqlParser.GEOMETRYCOLLECTION_SYMBOL,
                    MySqlParser.POINT_SYMBOL,
                    MySqlParser.MULTIPOINT_SYMBOL,
                    MySqlParser.LINESTRING_SYMBOL,
                    MySqlParser.MULTILINESTRING_SYMBOL,
                    MySqlParser.POLYGON_SYMBOL,
                    MySqlParser.MULTIPOLYGON_SYMBOL ->
                    TypeSpec.of(ColumnType.GEOMETRY);
            default -> throw new UnknownStatementException("the type " + tree.type.getText());
        };
    }

    private static TypeSpec number(ColumnType type, @Nullable FieldOptionsContext options) {
        TypeSpec number = TypeSpec.of(type);
        return isUnsigned(options) ? number.asUnsigned() : number;
    }

    /// `ZEROFILL` makes a column unsigned too.
    private static boolean isUnsigned(@Nullable FieldOptionsContext options) {
        return options != null
                && (!options.UNSIGNED_SYMBOL().isEmpty() || !options.ZEROFILL_SYMBOL().isEmpty());
    }

    private static TypeSpec floating(DataTypeContext tree) {
        long bits = tree.floatOptions() == null ? 0 : length(tree.floatOptions().fieldLength(), 0);
        return number(bits > 24 ? ColumnType.DOUBLE : ColumnType.FLOAT, tree.fieldOptions());
    }

    private static TypeSpec decimal(DataTypeContext tree) {
        long digits = 10;
        int scale = 0;
        if (tree.floatOptions() != null) {
            PrecisionContext precision = tree.floatOptions().precision();
            if (precision == null) {
                digits = length(tree.floatOptions().fieldLength(), 10);
            } else {
                digits = Long.parseLong(precision.INT_NUMBER(0).getText());
                scale = Integer.parseInt(precision.INT_NUMBER(1).getText());
            }
        }
        TypeSpec decimal =
                TypeSpec.of(ColumnType.DECIMAL, digits == 0 && scale == 0 ? 10 : digits, scale);
        return isUnsigned(tree.fieldOptions()) ? decimal.asUnsigned() : decimal;
    }

    private static TypeSpec time(
            ColumnType type, @Nullable TypeDatetimePrecisionContext precision) {
        return TypeSpec.of(
                type,
                -1,
                precision == null ? 0 : Integer.parseInt(precision.INT_NUMBER().getText()));
    }

    private static long length(@Nullable FieldLengthContext length, long otherwise) {
        if (length == null) {
            return otherwise;
        }
        String text = length.getText();
        try {
            return new BigDecimal(text.substring(1, text.length() - 1).strip()).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw new UnknownStatementException("the length " + text);
        }
    }

    private static TypeSpec binary(ColumnType type, long length, int scale) {
        return TypeSpec.of(type, length, scale).with(BINARY);
    }

    private static TypeSpec national(DataTypeContext tree, ColumnType type, long length) {
        boolean isBinary = tree.BINARY_SYMBOL() != null;
        return TypeSpec.of(type, length, 0)
                .with(isBinary ? new TextSpec("utf8mb3", null, true) : NATIONAL);
    }

    private TypeSpec text(ColumnType type, long length, int scale, DataTypeContext tree) {
        return TypeSpec.of(type, length, scale).with(characterSet(tree.charsetWithOptBinary()));
    }

    private TypeSpec labelled(ColumnType type, DataTypeContext tree) {
        List<String> labels = new ArrayList<>();
        for (TextStringContext label : tree.stringList().textString()) {
            labels.add(names.label(label).replaceFirst(" +\\z", ""));
        }
        return new TypeSpec(type, -1, 0, false, labels, characterSet(tree.charsetWithOptBinary()));
    }

    private TextSpec characterSet(@Nullable CharsetWithOptBinaryContext tree) {
        if (tree == null) {
            return TextSpec.OPEN;
        }
        if (tree.ascii() != null) {
            return new TextSpec("latin1", null, tree.ascii().BINARY_SYMBOL() != null);
        }
        if (tree.unicode() != null) {
            return new TextSpec("ucs2", null, tree.unicode().BINARY_SYMBOL() != null);
        }
        if (tree.BYTE_SYMBOL() != null) {
            return BINARY;
        }
        String set = tree.charsetName() == null ? null : name(tree.charsetName());
        return new TextSpec(set, null, tree.BINARY_SYMBOL() != null);
    }

    String name(CharsetNameContext set) {
        return set.textOrIdentifier() == null ? "binary" : names.nameOrText(set.textOrIdentifier());
    }
}
