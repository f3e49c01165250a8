package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.SqlToken.Kind;
import java.util.List;
import java.util.Set;

/// Walks over the tokens of one statement. A token in a name's position is a name, so no list of
/// reserved words is needed: the server accepted the statement.
final class StatementCursor {

    private final List<SqlToken> tokens;
    private final String schema;
    private int at;

    /// @param schema the session's database
    StatementCursor(List<SqlToken> tokens, String schema) {
        this.tokens = tokens;
        this.schema = schema;
    }

    SqlToken peek(int ahead) {
        int index = at + ahead;
        return index < tokens.size() ? tokens.get(index) : SqlToken.END;
    }

    String word() {
        return peek(0).word();
    }

    boolean is(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (!peek(i).word().equals(words[i])) {
                return false;
            }
        }
        return true;
    }

    boolean isAny(Set<String> words) {
        return words.contains(word());
    }

    boolean isSign(char sign) {
        return peek(0).isSign(sign);
    }

    boolean isEnd() {
        return peek(0).kind() == Kind.END;
    }

    /// Whether an item of a list ends here.
    boolean isItemEnd() {
        return isEnd() || isSign(',') || isSign(')');
    }

    SqlToken take() {
        SqlToken token = peek(0);
        at++;
        return token;
    }

    /// Accepts these words if they come next, all of them or none.
    boolean accept(String... words) {
        if (!is(words)) {
            return false;
        }
        at += words.length;
        return true;
    }

    boolean acceptAny(Set<String> words) {
        boolean isThere = isAny(words);
        at += isThere ? 1 : 0;
        return isThere;
    }

    boolean accept(char sign) {
        boolean isThere = isSign(sign);
        at += isThere ? 1 : 0;
        return isThere;
    }

    void expect(String... words) {
        if (!accept(words)) {
            throw unexpected();
        }
    }

    void expect(char sign) {
        if (!accept(sign)) {
            throw unexpected();
        }
    }

    void expectEnd() {
        while (accept(';')) {
            // Nothing follows the last one.
        }
        if (!isEnd()) {
            throw unexpected();
        }
    }

    /// The message does not include the statement's text, which may contain a secret.
    UnknownStatementException unexpected() {
        return new UnknownStatementException(
                isEnd()
                        ? "it ends too early"
                        : "its word number %d is not expected there".formatted(at + 1));
    }

    String name() {
        if (!peek(0).isName()) {
            throw unexpected();
        }
        return take().text();
    }

    /// A name, or a text in a position where both are allowed.
    String nameOrText() {
        return peek(0).kind() == Kind.TEXT ? take().text() : name();
    }

    /// `a`, `a.b` or `.b`.
    TableId table() {
        if (accept('.')) {
            return new TableId(schema, name());
        }
        String first = name();
        return accept('.') ? new TableId(first, name()) : new TableId(schema, first);
    }

    /// A column's name; only the last part counts: `t.a`, `d.t.a`.
    String column() {
        String name = name();
        while (accept('.')) {
            name = name();
        }
        return name;
    }

    /// Skips brackets with their contents.
    void skipGroup() {
        expect('(');
        int depth = 1;
        while (depth > 0) {
            SqlToken token = take();
            if (token.kind() == Kind.END) {
                throw unexpected();
            }
            depth += token.isSign('(') ? 1 : 0;
            depth -= token.isSign(')') ? 1 : 0;
        }
    }

    /// Skips one token, or a whole group of brackets.
    void skipOne() {
        if (isSign('(')) {
            skipGroup();
        } else {
            take();
        }
    }

    /// Skips the rest of a list item.
    void skipItem() {
        while (!isItemEnd()) {
            skipOne();
        }
    }

    void skipAll() {
        at = tokens.size();
    }
}
