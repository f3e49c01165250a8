package io.fustor.source.mysql.condition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fustor.source.mysql.condition.Condition.Literal;
import io.fustor.source.mysql.condition.Condition.Operator;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableId;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Brings the literals that stand beside one column into the form of its values. A literal of
/// another kind than the column's is refused: nothing is converted, since each conversion of
/// MySQL's has cases that surprise.
final class Constants {

    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger GREATEST = BigInteger.valueOf(Long.MAX_VALUE);

    private final TableId table;
    private final Column column;

    /// Numbers from one to another, both with it; none where the first is greater.
    record Range(long from, long to) {

        static final Range EMPTY = new Range(1, 0);
    }

    /// Packed decimals from one to another, both with it; null for no end. Those that equal a
    /// literal have the literal as both ends, or no beginning where there are none.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Packed(byte @Nullable [] from, byte @Nullable [] to) {}

    Constants(TableId table, Column column) {
        this.table = table;
        this.column = column;
    }

    ValueForm form() {
        return ValueForm.of(column);
    }

    boolean isDecimal() {
        return switch (column.type()) {
            case DECIMAL -> true;
            default -> false;
        };
    }

    boolean isText() {
        return kind() == Kind.TEXT;
    }

    private enum Kind {
        NUMBER,
        TEXT,
        BYTES,
        DATE,
        DATETIME,
        TIMESTAMP,
        TIME,
        NULL_ONLY;

        Sentence takes() {
            return switch (this) {
                case NUMBER -> Sentence.of("condition.takes-number");
                case TEXT -> Sentence.of("condition.takes-text");
                case BYTES -> Sentence.of("condition.takes-bytes");
                case DATE -> Sentence.of("condition.takes-date");
                case DATETIME -> Sentence.of("condition.takes-datetime");
                case TIMESTAMP -> Sentence.of("condition.takes-timestamp");
                case TIME -> Sentence.of("condition.takes-time");
                case NULL_ONLY -> Sentence.of("condition.takes-null");
            };
        }
    }

    private Kind kind() {
        return switch (column.type()) {
            case TINYINT, SMALLINT, MEDIUMINT, INT, BIGINT, DECIMAL, FLOAT, DOUBLE, BIT, YEAR ->
                    Kind.NUMBER;
            case DATE -> Kind.DATE;
            case TIME, OLD_TIME -> Kind.TIME;
            case DATETIME, OLD_DATETIME -> Kind.DATETIME;
            case TIMESTAMP, OLD_TIMESTAMP -> Kind.TIMESTAMP;
            case CHAR, VARCHAR, TEXT, ENUM, SET, UUID, INET6, INET4 -> Kind.TEXT;
            case BINARY, VARBINARY, BLOB -> Kind.BYTES;
            case JSON, GEOMETRY, VECTOR, COMPRESSED, UNCLEAR -> Kind.NULL_ONLY;
        };
    }

    /// What is wrong with the use of the column: its name, its type and what is possible.
    RequestException refuse() {
        return RequestException.invalid(
                "condition.type",
                table + "." + column.name(),
                column.type().name().toLowerCase(Locale.ROOT)
                        + (column.unsigned() ? " unsigned" : ""),
                kind().takes());
    }

    private BigDecimal number(Literal literal) {
        if (kind() == Kind.NUMBER && literal instanceof Literal.Decimal(BigDecimal value)) {
            return value;
        }
        throw refuse();
    }

    double real(Literal literal) {
        return number(literal).doubleValue();
    }

    /// The values of the form [ValueForm#BYTES] that a literal stands for.
    byte[] bytes(Literal literal) {
        return switch (literal) {
            case Literal.Text(String text) when kind() == Kind.TEXT -> text.getBytes(UTF_8);
            case Literal.Bytes(String digits) when kind() == Kind.BYTES ->
                    HexFormat.of().parseHex(digits);
            case Literal.Text _, Literal.Bytes _, Literal.Decimal _ -> throw refuse();
        };
    }

    /// Which numbers compare so with a literal.
    Range range(Operator operator, Literal literal) {
        if (isDecimal()) {
            Packed packed = packed(operator, literal);
            byte[] from = packed.from();
            byte[] to = packed.to();
            long offset = ValueForm.offset(column);
            return from == null || to == null
                    ? Range.EMPTY
                    : new Range(
                            PackedDecimal.number(from) + offset, PackedDecimal.number(to) + offset);
        }
        if (kind() != Kind.NUMBER) {
            long moment = moment(literal);
            return range(operator, BigDecimal.valueOf(moment), LEAST, GREATEST, 0);
        }
        BigDecimal value = number(literal);
        long offset = ValueForm.offset(column);
        return offset == 0
                ? range(operator, value, LEAST, GREATEST, 0)
                : range(
                        operator,
                        value,
                        BigInteger.ZERO,
                        GREATEST.shiftLeft(1).add(BigInteger.ONE),
                        offset);
    }

    private long moment(Literal literal) {
        if (!(literal instanceof Literal.Text(String text))) {
            throw refuse();
        }
        Long moment =
                switch (kind()) {
                    case DATE -> Moments.readDate(text);
                    case DATETIME -> Moments.readDatetime(text);
                    case TIMESTAMP -> Moments.readTimestamp(text);
                    case TIME -> Moments.readTime(text);
                    case NUMBER, TEXT, BYTES, NULL_ONLY -> null;
                };
        if (moment == null) {
            throw refuse();
        }
        return moment;
    }

    private static Range range(
            Operator operator,
            BigDecimal value,
            BigInteger least,
            BigInteger greatest,
            long offset) {
        Integers integers = Integers.of(operator, value);
        BigInteger from = integers.from == null ? least : integers.from.max(least);
        BigInteger to = integers.to == null ? greatest : integers.to.min(greatest);
        return from.compareTo(to) > 0
                ? Range.EMPTY
                : new Range(from.longValue() + offset, to.longValue() + offset);
    }

    /// Which packed decimals compare so with a literal.
    Packed packed(Operator operator, Literal literal) {
        BigDecimal scaled = number(literal).scaleByPowerOfTen(column.scale());
        BigInteger most = BigInteger.TEN.pow(column.size()).subtract(BigInteger.ONE);
        Integers integers = Integers.of(operator, scaled);
        BigInteger from = integers.from == null ? most.negate() : integers.from.max(most.negate());
        BigInteger to = integers.to == null ? most : integers.to.min(most);
        if (from.compareTo(to) > 0) {
            // Nothing is less than no byte at all.
            return new Packed(null, new byte[0]);
        }
        return new Packed(packed(from), packed(to));
    }

    private byte[] packed(BigInteger unscaled) {
        byte[] text = new BigDecimal(unscaled, column.scale()).toPlainString().getBytes(UTF_8);
        byte[] packed = new byte[column.cellWidth()];
        PackedDecimal.pack(text, 0, text.length, column, packed);
        return packed;
    }

    /// Integers from one to another, both with it; null for no end.
    private record Integers(@Nullable BigInteger from, @Nullable BigInteger to) {

        static Integers of(Operator operator, BigDecimal value) {
            BigInteger floor = value.setScale(0, RoundingMode.FLOOR).unscaledValue();
            BigInteger ceiling = value.setScale(0, RoundingMode.CEILING).unscaledValue();
            return switch (operator) {
                // A fraction is between two integers: the first is greater than the second then.
                case EQUAL -> new Integers(ceiling, floor);
                case LESS -> new Integers(null, ceiling.subtract(BigInteger.ONE));
                case LESS_OR_EQUAL -> new Integers(null, floor);
                case GREATER -> new Integers(floor.add(BigInteger.ONE), null);
                case GREATER_OR_EQUAL -> new Integers(ceiling, null);
            };
        }
    }
}
