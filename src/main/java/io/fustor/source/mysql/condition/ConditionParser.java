package io.fustor.source.mysql.condition;

import io.fustor.source.mysql.condition.Condition.Literal;
import io.fustor.source.mysql.condition.Condition.Operator;
import io.fustor.source.mysql.condition.ConditionTokens.Kind;
import io.fustor.source.mysql.condition.ConditionTokens.Token;
import io.fustor.source.mysql.error.RequestException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a condition by MySQL's grammar of expressions, as far as that is about rows of one table:
/// a column compared with literals, and `and`, `or`, `not`. Its depth and size are bounded, so that
/// what it gives can be walked by recursion. `or` binds less than `and`, and `and` less than `not`.
final class ConditionParser {

    /// How deep brackets and `not` may be nested.
    static final int DEEPEST = 32;

    /// How many literals a condition may have, and how many comparisons.
    static final int MOST = 1_000;

    private static final int LONGEST_NUMBER = 100;
    private static final int LARGEST_EXPONENT = 400;

    private static final Map<String, Operator> OPERATORS =
            Map.of(
                    "=", Operator.EQUAL,
                    "<", Operator.LESS,
                    "<=", Operator.LESS_OR_EQUAL,
                    ">", Operator.GREATER,
                    ">=", Operator.GREATER_OR_EQUAL);

    private final List<Token> tokens;
    private int next;
    private int depth;
    private int parts;

    private ConditionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    /// @param from the index at which the condition begins
    /// @throws RequestException `INVALID_REQUEST`, with the place of what is wrong
    static Condition parse(String text, int from) {
        ConditionParser parser = new ConditionParser(ConditionTokens.of(text, from));
        Condition whole = parser.or();
        if (parser.peek().kind() != Kind.END) {
            throw parser.unexpected();
        }
        return whole;
    }

    private Condition or() {
        List<Condition> alternatives = new ArrayList<>();
        do {
            alternatives.add(and());
        } while (acceptWord("or"));
        return alternatives.size() == 1 ? alternatives.getFirst() : new Condition.Or(alternatives);
    }

    private Condition and() {
        List<Condition> all = new ArrayList<>();
        do {
            all.add(not());
        } while (acceptWord("and"));
        return all.size() == 1 ? all.getFirst() : new Condition.And(all);
    }

    private Condition not() {
        if (!acceptWord("not")) {
            return test();
        }
        enter();
        Condition negated = new Condition.Not(not());
        depth--;
        return negated;
    }

    private Condition test() {
        if (accept("(")) {
            enter();
            Condition inner = or();
            depth--;
            require(")");
            return inner;
        }
        count();
        if (!peek().isName()) {
            Literal literal = literal();
            Operator operator = operator();
            boolean isNegated = operator == null;
            String column = column();
            Operator mirrored = operator == null ? Operator.EQUAL : operator.mirrored();
            return negatedIf(isNegated, new Condition.Comparison(column, mirrored, literal));
        }
        return test(column());
    }

    private Condition test(String column) {
        if (acceptWord("is")) {
            boolean isNegated = acceptWord("not");
            requireWord("null");
            return negatedIf(isNegated, new Condition.IsNull(column));
        }
        boolean isNegated = acceptWord("not");
        if (acceptWord("in")) {
            return negatedIf(isNegated, in(column));
        }
        if (acceptWord("between")) {
            return negatedIf(isNegated, between(column));
        }
        if (acceptWord("like")) {
            return negatedIf(isNegated, like(column));
        }
        if (isNegated) {
            throw unexpected();
        }
        Operator operator = operator();
        return operator == null
                ? new Condition.Not(new Condition.Comparison(column, Operator.EQUAL, literal()))
                : new Condition.Comparison(column, operator, literal());
    }

    private static Condition negatedIf(boolean isNegated, Condition condition) {
        return isNegated ? new Condition.Not(condition) : condition;
    }

    private Condition in(String column) {
        List<Literal> literals = new ArrayList<>();
        require("(");
        do {
            count();
            literals.add(literal());
        } while (accept(","));
        require(")");
        return new Condition.In(column, literals);
    }

    private Condition between(String column) {
        Literal from = literal();
        requireWord("and");
        Literal to = literal();
        return new Condition.And(
                List.of(
                        new Condition.Comparison(column, Operator.GREATER_OR_EQUAL, from),
                        new Condition.Comparison(column, Operator.LESS_OR_EQUAL, to)));
    }

    private Condition like(String column) {
        String pattern = text();
        String escape = "\\";
        if (acceptWord("escape")) {
            escape = text();
            if (escape.codePointCount(0, escape.length()) > 1) {
                throw RequestException.invalid("condition.escape");
            }
        }
        return new Condition.Like(column, pattern, escape);
    }

    private String text() {
        if (peek().kind() != Kind.TEXT) {
            throw unexpected();
        }
        return take().text();
    }

    /// Null for `<>`, which is the negation of `=`.
    private @Nullable Operator operator() {
        Operator operator = peek().kind() == Kind.SIGN ? OPERATORS.get(peek().text()) : null;
        if (operator == null && !peek().isSign("<>") && !peek().isSign("!=")) {
            throw unexpected();
        }
        take();
        return operator;
    }

    private String column() {
        if (!peek().isName()) {
            throw unexpected();
        }
        Token name = take();
        if (peek().isSign(".") || peek().isSign("(")) {
            throw unexpected();
        }
        return name.text();
    }

    private Literal literal() {
        boolean isNegative = peek().isSign("-");
        boolean isSigned = isNegative || peek().isSign("+");
        if (isSigned) {
            next++;
        }
        Token token = peek();
        Literal literal =
                switch (token.kind()) {
                    case NUMBER -> {
                        BigDecimal value = number(token);
                        yield new Literal.Decimal(isNegative ? value.negate() : value);
                    }
                    case TEXT -> new Literal.Text(token.text());
                    case BYTES -> new Literal.Bytes(token.text());
                    case WORD, NAME, SIGN, END -> throw noLiteral(token);
                };
        if (isSigned && token.kind() != Kind.NUMBER) {
            throw unexpected();
        }
        next++;
        return literal;
    }

    private RequestException noLiteral(Token token) {
        return token.isWord("null") ? RequestException.invalid("condition.null") : unexpected();
    }

    private static BigDecimal number(Token token) {
        if (token.text().length() > LONGEST_NUMBER) {
            throw RequestException.invalid("condition.number", token.at() + 1);
        }
        BigDecimal value;
        try {
            value = new BigDecimal(token.text());
        } catch (NumberFormatException _) {
            // An exponent beyond what an int can hold.
            throw RequestException.invalid("condition.number", token.at() + 1);
        }
        if (Math.abs((long) value.scale()) > LARGEST_EXPONENT) {
            throw RequestException.invalid("condition.number", token.at() + 1);
        }
        return value;
    }

    private void enter() {
        if (++depth > DEEPEST) {
            throw RequestException.invalid("condition.deep", DEEPEST);
        }
    }

    private void count() {
        if (++parts > MOST) {
            throw RequestException.invalid("condition.large", MOST);
        }
    }

    private Token peek() {
        return tokens.get(next);
    }

    private Token take() {
        Token token = tokens.get(next);
        next = Math.min(next + 1, tokens.size() - 1);
        return token;
    }

    private boolean accept(String sign) {
        if (peek().isSign(sign)) {
            next++;
            return true;
        }
        return false;
    }

    private boolean acceptWord(String word) {
        if (peek().isWord(word)) {
            next++;
            return true;
        }
        return false;
    }

    private void require(String sign) {
        if (!accept(sign)) {
            throw unexpected();
        }
    }

    private void requireWord(String word) {
        if (!acceptWord(word)) {
            throw unexpected();
        }
    }

    private RequestException unexpected() {
        Token token = peek();
        return token.kind() == Kind.END
                ? RequestException.invalid("condition.end")
                : RequestException.invalid("condition.syntax", token.text(), token.at() + 1);
    }
}
