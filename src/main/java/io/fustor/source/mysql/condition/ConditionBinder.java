package io.fustor.source.mysql.condition;

import io.fustor.source.mysql.condition.Condition.Comparison;
import io.fustor.source.mysql.condition.Condition.Literal;
import io.fustor.source.mysql.condition.Condition.Operator;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Turns a condition into tests of the columns of one table: finds the columns, and brings the
/// literals into the form of their values.
final class ConditionBinder {

    private final TableId table;
    private final List<Column> columns;
    private final Map<String, Integer> byName = new HashMap<>();
    private final int[] ordinals;

    ConditionBinder(Condition condition, TableSchema table) {
        this.table = table.id();
        this.columns = table.columns();
        for (int ordinal = 0; ordinal < columns.size(); ordinal++) {
            byName.put(NameRule.column(columns.get(ordinal).name()), ordinal);
        }
        this.ordinals = names(condition).mapToInt(this::ordinal).sorted().distinct().toArray();
    }

    /// The names of the columns that a condition is about, as it writes them.
    static Stream<String> names(Condition condition) {
        return switch (condition) {
            case Condition.And and -> and.parts().stream().flatMap(ConditionBinder::names);
            case Condition.Or or -> or.parts().stream().flatMap(ConditionBinder::names);
            case Condition.Not not -> names(not.part());
            case Comparison comparison -> Stream.of(comparison.column());
            case Condition.In in -> Stream.of(in.column());
            case Condition.IsNull isNull -> Stream.of(isNull.column());
            case Condition.Like like -> Stream.of(like.column());
        };
    }

    int[] ordinals() {
        return ordinals;
    }

    private int ordinal(String name) {
        Integer ordinal = byName.get(NameRule.column(name));
        if (ordinal == null) {
            throw RequestException.invalid("condition.no-column", table, name);
        }
        return ordinal;
    }

    RowTest bind(Condition condition) {
        return switch (condition) {
            case Condition.And and -> new RowTest.All(bind(and.parts()));
            case Condition.Or or -> new RowTest.Any(bind(or.parts()));
            case Condition.Not not -> new RowTest.Negated(bind(not.part()));
            case Condition.IsNull isNull -> new RowTest.Null(slot(isNull.column()));
            case Comparison comparison -> labelled(comparison.column(), bind(comparison));
            case Condition.In in -> labelled(in.column(), bind(in));
            case Condition.Like like -> labelled(like.column(), bind(like));
        };
    }

    /// Tests the values of an `ENUM` or `SET` beforehand, where they are few.
    private RowTest labelled(String name, RowTest test) {
        byte[][] values = LabelValue.all(columns.get(ordinal(name)));
        if (values.length == 0) {
            return test;
        }
        boolean[] met = new boolean[values.length];
        for (int number = 0; number < met.length; number++) {
            met[number] = test.of(new LabelValue(values[number])) == RowTest.TRUE;
        }
        return new RowTest.Labels(slot(name), met, test);
    }

    private RowTest[] bind(List<Condition> parts) {
        return parts.stream().map(this::bind).toArray(RowTest[]::new);
    }

    private int slot(String name) {
        return Arrays.binarySearch(ordinals, ordinal(name));
    }

    private Constants constants(String name) {
        return new Constants(table, columns.get(ordinal(name)));
    }

    private RowTest bind(Comparison comparison) {
        Constants constants = constants(comparison.column());
        int slot = slot(comparison.column());
        Operator operator = comparison.operator();
        Literal literal = comparison.literal();
        return switch (constants.form()) {
            case NUMBER -> {
                Constants.Range range = constants.range(operator, literal);
                yield new RowTest.Numbers(slot, range.from(), range.to());
            }
            case REAL -> reals(slot, operator, constants.real(literal));
            case BYTES ->
                    constants.isDecimal()
                            ? decimals(slot, operator, constants, literal)
                            : bytes(slot, operator, constants.bytes(literal));
            case NONE -> throw constants.refuse();
        };
    }

    private static RowTest reals(int slot, Operator operator, double value) {
        return switch (operator) {
            case EQUAL -> new RowTest.Reals(slot, value, value);
            case LESS -> new RowTest.Reals(slot, Double.NEGATIVE_INFINITY, Math.nextDown(value));
            case LESS_OR_EQUAL -> new RowTest.Reals(slot, Double.NEGATIVE_INFINITY, value);
            case GREATER -> new RowTest.Reals(slot, Math.nextUp(value), Double.POSITIVE_INFINITY);
            case GREATER_OR_EQUAL -> new RowTest.Reals(slot, value, Double.POSITIVE_INFINITY);
        };
    }

    private static RowTest bytes(int slot, Operator operator, byte[] value) {
        return switch (operator) {
            case EQUAL -> new RowTest.SameBytes(slot, value);
            case LESS -> new RowTest.Bytes(slot, null, false, value, false);
            case LESS_OR_EQUAL -> new RowTest.Bytes(slot, null, false, value, true);
            case GREATER -> new RowTest.Bytes(slot, value, false, null, false);
            case GREATER_OR_EQUAL -> new RowTest.Bytes(slot, value, true, null, false);
        };
    }

    private static RowTest decimals(
            int slot, Operator operator, Constants constants, Literal literal) {
        Constants.Packed range = constants.packed(operator, literal);
        byte[] from = range.from();
        return operator == Operator.EQUAL && from != null
                ? new RowTest.SameBytes(slot, from)
                : new RowTest.Bytes(slot, from, true, range.to(), true);
    }

    private RowTest bind(Condition.In in) {
        Constants constants = constants(in.column());
        int slot = slot(in.column());
        return switch (constants.form()) {
            case NUMBER ->
                    new RowTest.NumberSet(
                            slot,
                            in.literals().stream()
                                    .map(one -> constants.range(Operator.EQUAL, one))
                                    .filter(range -> range.from() <= range.to())
                                    .mapToLong(Constants.Range::from)
                                    .sorted()
                                    .toArray());
            case REAL, BYTES -> {
                RowTest[] same =
                        in.literals().stream()
                                .map(one -> new Comparison(in.column(), Operator.EQUAL, one))
                                .map(this::bind)
                                .toArray(RowTest[]::new);
                boolean isSet = Arrays.stream(same).allMatch(RowTest.SameBytes.class::isInstance);
                yield isSet ? set(slot, same) : new RowTest.Any(same);
            }
            case NONE -> throw constants.refuse();
        };
    }

    private static RowTest set(int slot, RowTest[] same) {
        byte[][] values =
                Arrays.stream(same)
                        .map(one -> ((RowTest.SameBytes) one).value())
                        .sorted(Arrays::compareUnsigned)
                        .toArray(byte[][]::new);
        return new RowTest.ByteSet(slot, values);
    }

    private RowTest bind(Condition.Like like) {
        Constants constants = constants(like.column());
        if (!constants.isText()) {
            throw constants.refuse();
        }
        if (like.pattern().length() > LikePattern.LONGEST) {
            throw RequestException.invalid("condition.pattern", LikePattern.LONGEST);
        }
        int slot = slot(like.column());
        LikePattern pattern = new LikePattern(like.pattern(), like.escape());
        byte[] only = pattern.onlyText();
        return only == null ? new RowTest.Like(slot, pattern) : new RowTest.SameBytes(slot, only);
    }
}
