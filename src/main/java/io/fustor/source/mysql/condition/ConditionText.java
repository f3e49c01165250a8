package io.fustor.source.mysql.condition;

import io.fustor.source.mysql.condition.Condition.Comparison;
import io.fustor.source.mysql.condition.Condition.Literal;
import io.fustor.source.mysql.condition.Condition.Operator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Writes a condition so that [ConditionParser] reads an equal one.
final class ConditionText {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

    private static final Set<String> KEYWORDS =
            Set.of("and", "or", "not", "in", "is", "null", "between", "like", "escape");

    private final StringBuilder out = new StringBuilder();

    private ConditionText() {}

    static String of(Condition condition) {
        ConditionText text = new ConditionText();
        text.write(condition);
        return text.out.toString();
    }

    private void write(Condition condition) {
        switch (condition) {
            case Condition.And and -> {
                if (!writeBetween(and, "")) {
                    writeAll(and.parts(), " and ");
                }
            }
            case Condition.Or or -> writeAll(or.parts(), " or ");
            case Condition.Not not -> writeNegated(not.part());
            case Comparison comparison -> writeComparison(comparison, sign(comparison.operator()));
            case Condition.In in -> writeIn(in, "");
            case Condition.IsNull isNull -> out.append(name(isNull.column())).append(" is null");
            case Condition.Like like -> writeLike(like, "");
        }
    }

    private void writeNegated(Condition part) {
        switch (part) {
            case Condition.In in -> writeIn(in, "not ");
            case Condition.Like like -> writeLike(like, "not ");
            case Condition.IsNull isNull ->
                    out.append(name(isNull.column())).append(" is not null");
            case Comparison comparison when comparison.operator() == Operator.EQUAL ->
                    writeComparison(comparison, "<>");
            case Condition.And and when writeBetween(and, "not ") -> {
                // Is written.
            }
            case Condition.And _, Condition.Or _, Condition.Not _, Comparison _ -> {
                out.append("not ");
                writeInBrackets(part);
            }
        }
    }

    private void writeAll(List<Condition> parts, String between) {
        String before = "";
        for (Condition part : parts) {
            out.append(before);
            boolean isClear = !(part instanceof Condition.Or || part instanceof Condition.And);
            if (isClear) {
                write(part);
            } else {
                writeInBrackets(part);
            }
            before = between;
        }
    }

    private void writeInBrackets(Condition part) {
        out.append('(');
        write(part);
        out.append(')');
    }

    private void writeComparison(Comparison comparison, String sign) {
        out.append(name(comparison.column())).append(' ').append(sign).append(' ');
        write(comparison.literal());
    }

    /// Says whether it was written: it is where both parts are the bounds of one column.
    private boolean writeBetween(Condition.And and, String negation) {
        if (and.parts().size() == 2
                && and.parts().getFirst() instanceof Comparison from
                && and.parts().getLast() instanceof Comparison to
                && from.operator() == Operator.GREATER_OR_EQUAL
                && to.operator() == Operator.LESS_OR_EQUAL
                && from.column().equals(to.column())) {
            out.append(name(from.column())).append(' ').append(negation).append("between ");
            write(from.literal());
            out.append(" and ");
            write(to.literal());
            return true;
        }
        return false;
    }

    private void writeIn(Condition.In in, String negation) {
        out.append(name(in.column())).append(' ').append(negation).append("in (");
        String before = "";
        for (Literal literal : in.literals()) {
            out.append(before);
            write(literal);
            before = ", ";
        }
        out.append(')');
    }

    private void writeLike(Condition.Like like, String negation) {
        out.append(name(like.column())).append(' ').append(negation).append("like ");
        out.append(quoted(like.pattern()));
        if (!like.escape().equals("\\")) {
            out.append(" escape ").append(quoted(like.escape()));
        }
    }

    private void write(Literal literal) {
        switch (literal) {
            case Literal.Decimal decimal -> out.append(decimal.value());
            case Literal.Text text -> out.append(quoted(text.value()));
            case Literal.Bytes bytes -> out.append("x'").append(bytes.digits()).append('\'');
        }
    }

    private static String sign(Operator operator) {
        return switch (operator) {
            case EQUAL -> "=";
            case LESS -> "<";
            case LESS_OR_EQUAL -> "<=";
            case GREATER -> ">";
            case GREATER_OR_EQUAL -> ">=";
        };
    }

    private static String name(String column) {
        boolean isPlain =
                PLAIN.matcher(column).matches()
                        && !KEYWORDS.contains(column.toLowerCase(Locale.ROOT));
        return isPlain ? column : "`" + column.replace("`", "``") + "`";
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
