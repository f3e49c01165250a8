package io.fustor.source.mysql.history;

import io.debezium.ddl.parser.mysql.generated.MySqlParser.DotIdentifierContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.IdentifierContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.QualifiedIdentifierContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableNameContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TableRefContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TextOrIdentifierContext;
import io.debezium.ddl.parser.mysql.generated.MySqlParser.TextStringContext;
import io.fustor.source.mysql.schema.TableId;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The names and texts of one statement without their quotes.
final class SqlText {

    private final StatementContext context;

    SqlText(StatementContext context) {
        this.context = context;
    }

    String name(IdentifierContext identifier) {
        return unquoted(identifier.getText());
    }

    /// A name as it stands in the statement, in backquotes, double quotes or none.
    static String unquoted(String text) {
        char quote = text.isEmpty() ? 0 : text.charAt(0);
        if (text.length() < 2 || (quote != '`' && quote != '"')) {
            return text;
        }
        String mark = String.valueOf(quote);
        return text.substring(1, text.length() - 1).replace(mark + mark, mark);
    }

    TableId table(TableRefContext table) {
        return table(table.qualifiedIdentifier(), table.dotIdentifier());
    }

    TableId table(TableNameContext table) {
        return table(table.qualifiedIdentifier(), table.dotIdentifier());
    }

    private TableId table(
            @Nullable QualifiedIdentifierContext qualified, @Nullable DotIdentifierContext dot) {
        if (qualified == null) {
            if (dot == null) {
                throw new UnknownStatementException("a table has no name");
            }
            return new TableId(context.schema(), name(dot.identifier()));
        }
        String first = name(qualified.identifier());
        return qualified.dotIdentifier() == null
                ? new TableId(context.schema(), first)
                : new TableId(first, name(qualified.dotIdentifier().identifier()));
    }

    String nameOrText(TextOrIdentifierContext either) {
        return either.identifier() == null
                ? text(either.textStringLiteral().getText())
                : name(either.identifier());
    }

    /// A label: a text, or the hexadecimal or binary bytes of one in ASCII.
    String label(TextStringContext label) {
        if (label.textStringLiteral() != null) {
            return text(label.textStringLiteral().getText());
        }
        byte[] bytes = label.HEX_NUMBER() == null ? null : hex(label.getText());
        if (bytes == null) {
            throw new UnknownStatementException("a label is neither text nor hexadecimal");
        }
        for (byte b : bytes) {
            if (b < 0) {
                throw new UnknownStatementException("a label has bytes outside of ASCII");
            }
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static byte @Nullable [] hex(String number) {
        String digits =
                number.startsWith("0x")
                        ? number.substring(2)
                        : number.substring(2, number.length() - 1);
        return HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
    }

    /// A text in single or double quotes.
    String text(String quoted) {
        char quote = quoted.charAt(0);
        StringBuilder text = new StringBuilder(quoted.length());
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c == quote) {
                i++;
                text.append(c);
            } else if (c == '\\' && !context.hasPlainBackslashes()) {
                text.append(escaped(quoted.charAt(++i)));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    private static String escaped(char c) {
        return switch (c) {
            case '0' -> "\0";
            case 'b' -> "\b";
            case 'n' -> "\n";
            case 'r' -> "\r";
            case 't' -> "\t";
            case 'Z' -> "\u001A";
            // Before these two the backslash stays, for LIKE's sake.
            case '%' -> "\\%";
            case '_' -> "\\_";
            default -> String.valueOf(c);
        };
    }
}
