package io.fustor.source.mysql.condition;

import java.math.BigDecimal;
import java.util.List;

/// What a row has to meet, as it was written: names are not resolved and literals have no type yet.
/// Equal conditions are written alike but for spaces, brackets and the case of keywords.
public sealed interface Condition {

    /// All parts are true.
    record And(List<Condition> parts) implements Condition {
        public And {
            parts = List.copyOf(parts);
        }
    }

    /// A part is true.
    record Or(List<Condition> parts) implements Condition {
        public Or {
            parts = List.copyOf(parts);
        }
    }

    /// The part is false.
    record Not(Condition part) implements Condition {}

    /// A column compared with one literal.
    record Comparison(String column, Operator operator, Literal literal) implements Condition {}

    /// A column equals one of several literals.
    record In(String column, List<Literal> literals) implements Condition {
        public In {
            literals = List.copyOf(literals);
        }
    }

    /// A column is NULL.
    record IsNull(String column) implements Condition {}

    /// A column is like a pattern.
    ///
    /// @param escape the character before one that is meant literally; empty for none
    record Like(String column, String pattern, String escape) implements Condition {}

    /// How two values compare. `<>` is the negation of `=`.
    enum Operator {
        EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL;

        /// The operator that says the same with its sides exchanged.
        Operator mirrored() {
            return switch (this) {
                case EQUAL -> EQUAL;
                case LESS -> GREATER;
                case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
                case GREATER -> LESS;
                case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
            };
        }
    }

    /// A value as it was written.
    sealed interface Literal {

        /// A number.
        ///
        /// @param value equal numbers of different digits are different literals
        record Decimal(BigDecimal value) implements Literal {}

        /// A text.
        record Text(String value) implements Literal {}

        /// Bytes.
        ///
        /// @param digits hexadecimal, two a byte, in lower case
        record Bytes(String digits) implements Literal {}
    }
}
