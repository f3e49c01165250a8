package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.condition.Condition;
import io.fustor.source.mysql.condition.Condition.Literal;
import io.fustor.source.mysql.condition.Condition.Operator;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.Quoting;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What of a condition the server may look at by its indexes: a condition in SQL that is true of
/// every row that meets the whole one. Each comparison is left out whose meaning could differ in
/// any case; the rows that come are judged all the same.
final class Superset {

    private static final int MOST_DIGITS = 65;
    private static final int MOST_DECIMALS = 30;
    private static final LocalDateTime FIRST_MOMENT = LocalDateTime.of(1970, 1, 2, 0, 0);
    private static final LocalDateTime LAST_MOMENT = LocalDateTime.of(2038, 1, 18, 0, 0);

    private final TableSchema table;

    private Superset(TableSchema table) {
        this.table = table;
    }

    /// The condition in SQL; null where there is none.
    static @Nullable String of(@Nullable Condition condition, TableSchema table) {
        return condition == null ? null : new Superset(table).of(condition);
    }

    private @Nullable String of(Condition condition) {
        return switch (condition) {
            case Condition.And and -> all(and.parts());
            case Condition.Or or -> any(or.parts());
            case Condition.Not(Condition.IsNull isNull) -> name(isNull.column()) + " IS NOT NULL";
            case Condition.Not _, Condition.Like _ -> null;
            case Condition.IsNull isNull -> name(isNull.column()) + " IS NULL";
            case Condition.Comparison comparison -> of(comparison);
            case Condition.In in -> of(in);
        };
    }

    private @Nullable String all(List<Condition> parts) {
        List<String> known = new ArrayList<>();
        for (Condition part : parts) {
            String sql = of(part);
            if (sql != null) {
                known.add(sql);
            }
        }
        return known.isEmpty() ? null : "(" + String.join(" AND ", known) + ")";
    }

    private @Nullable String any(List<Condition> parts) {
        List<String> known = new ArrayList<>();
        for (Condition part : parts) {
            String sql = of(part);
            if (sql == null) {
                return null;
            }
            known.add(sql);
        }
        return "(" + String.join(" OR ", known) + ")";
    }

    private @Nullable String of(Condition.Comparison comparison) {
        Column column = column(comparison.column());
        if (comparison.operator() != Operator.EQUAL && !hasRanges(column.type())) {
            return null;
        }
        if (comparison.operator() != Operator.EQUAL
                && comparison.literal() instanceof Literal.Decimal(BigDecimal value)
                && isBetween(column, value)) {
            return between(column, comparison.operator(), value);
        }
        String literal = literal(column, comparison.literal());
        return literal == null
                ? null
                : name(comparison.column()) + sign(comparison.operator()) + literal;
    }

    /// Whether a number lies between two neighbouring values of an exact column.
    private static boolean isBetween(Column column, BigDecimal value) {
        return switch (column.type()) {
            case TINYINT, SMALLINT, MEDIUMINT, INT, BIGINT, DECIMAL ->
                    value.stripTrailingZeros().scale() > decimals(column);
            default -> false;
        };
    }

    private static int decimals(Column column) {
        return column.type() == ColumnType.DECIMAL ? column.scale() : 0;
    }

    /// The server rounds such a number to the column's decimals, and -0.005 to 0.00 although 0.00
    /// is greater: the next value on the outer side is compared with instead.
    private @Nullable String between(Column column, Operator operator, BigDecimal value) {
        boolean isUpper = operator == Operator.LESS || operator == Operator.LESS_OR_EQUAL;
        BigDecimal bound =
                value.setScale(
                        decimals(column), isUpper ? RoundingMode.CEILING : RoundingMode.FLOOR);
        String literal = exact(bound);
        return literal == null ? null : name(column.name()) + (isUpper ? " <= " : " >= ") + literal;
    }

    private static String sign(Operator operator) {
        return switch (operator) {
            case EQUAL -> " = ";
            case LESS -> " < ";
            case LESS_OR_EQUAL -> " <= ";
            case GREATER -> " > ";
            case GREATER_OR_EQUAL -> " >= ";
        };
    }

    private @Nullable String of(Condition.In in) {
        Column column = column(in.column());
        List<String> literals = new ArrayList<>();
        for (Literal literal : in.literals()) {
            String sql = literal(column, literal);
            if (sql == null) {
                return null;
            }
            literals.add(sql);
        }
        // IN takes -1 for 2^64-1 in a BIGINT UNSIGNED.
        String name = name(in.column());
        return literals.stream()
                .map(literal -> name + " = " + literal)
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    private Column column(String name) {
        String wanted = NameRule.column(name);
        return table.columns().stream()
                .filter(column -> NameRule.column(column.name()).equals(wanted))
                .findFirst()
                .orElseThrow();
    }

    private String name(String column) {
        return Quoting.identifier(column(column).name());
    }

    /// Texts are ordered by a collation, and the condition orders them by their characters.
    private static boolean hasRanges(ColumnType type) {
        return switch (type) {
            case TINYINT,
                    SMALLINT,
                    MEDIUMINT,
                    INT,
                    BIGINT,
                    DECIMAL,
                    DOUBLE,
                    YEAR,
                    DATE,
                    DATETIME,
                    TIMESTAMP ->
                    true;
            default -> false;
        };
    }

    /// The literal in SQL; null where the server may take it for something else.
    private static @Nullable String literal(Column column, Literal literal) {
        return switch (column.type()) {
            case TINYINT, SMALLINT, MEDIUMINT, INT, BIGINT, DECIMAL ->
                    literal instanceof Literal.Decimal(BigDecimal value) ? exact(value) : null;
            case DOUBLE ->
                    literal instanceof Literal.Decimal(BigDecimal value) ? real(value) : null;
            case YEAR -> literal instanceof Literal.Decimal(BigDecimal value) ? year(value) : null;
            case DATE, DATETIME, TIMESTAMP ->
                    literal instanceof Literal.Text(String text) ? moment(column, text) : null;
            case CHAR, VARCHAR, TEXT, ENUM ->
                    literal instanceof Literal.Text(String text) ? text(column, text) : null;
            case BINARY, VARBINARY, BLOB ->
                    literal instanceof Literal.Bytes(String digits) ? "X'" + digits + "'" : null;
            default -> null;
        };
    }

    private static @Nullable String exact(BigDecimal value) {
        String digits = value.toPlainString();
        boolean fits = digits.length() <= MOST_DIGITS && value.scale() <= MOST_DECIMALS;
        return fits ? digits : null;
    }

    /// The exponent makes it a double literal, not a decimal one.
    private static @Nullable String real(BigDecimal value) {
        double number = value.doubleValue();
        if (Double.isInfinite(number)) {
            return null;
        }
        String digits = Double.toString(number);
        return digits.indexOf('E') < 0 ? digits + "E0" : digits;
    }

    /// Small years are taken for years of this century.
    private static @Nullable String year(BigDecimal value) {
        boolean isYear =
                value.compareTo(BigDecimal.valueOf(1901)) >= 0
                        && value.compareTo(BigDecimal.valueOf(2155)) <= 0;
        return isYear ? value.toPlainString() : null;
    }

    /// Zero and partial dates are errors in some modes.
    private static @Nullable String moment(Column column, String text) {
        try {
            String whole = column.type() == ColumnType.DATE ? text + "T00:00:00" : text;
            LocalDateTime moment = LocalDateTime.parse(whole.replace("Z", ""));
            boolean isTimestamp = column.type() == ColumnType.TIMESTAMP;
            boolean isPlain =
                    isTimestamp
                            ? moment.isAfter(FIRST_MOMENT) && moment.isBefore(LAST_MOMENT)
                            : moment.getYear() >= 1000;
            return isPlain ? "'" + text.replace('T', ' ').replace("Z", "") + "'" : null;
        } catch (DateTimeException _) {
            return null;
        }
    }

    /// The characters of each text that equals the literal equal it by any collation.
    private static @Nullable String text(Column column, String text) {
        CharacterSet set = Collations.characterSet(column.collation());
        // The server refuses to compare texts of utf8mb3 with characters of four bytes.
        boolean isUtf8 =
                set == CharacterSet.UTF8MB4
                        || (set == CharacterSet.UTF8MB3
                                && text.codePoints()
                                        .noneMatch(Character::isSupplementaryCodePoint));
        boolean isPlain =
                text.chars()
                        .allMatch(
                                c ->
                                        (c >= '0' && c <= '9')
                                                || (c >= 'a' && c <= 'z')
                                                || (c >= 'A' && c <= 'Z')
                                                || " _-.:".indexOf(c) >= 0);
        boolean isKnown =
                isUtf8 ? text.indexOf('\uFFFD') < 0 : set != null && set != CharacterSet.BINARY;
        if (!isKnown || !(isUtf8 || isPlain)) {
            return null;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return (isPlain ? "" : "_utf8mb4 ")
                + (isPlain ? Quoting.literal(text) : "X'" + HexFormat.of().formatHex(bytes) + "'");
    }
}
