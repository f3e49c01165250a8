package io.fustor.source.mysql.history;

import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.misc.Interval;

/// A statement for the parser library's lexer, which knows the prefix of `X'41'`, `B'1'` and
/// `N'text'` in one case only. What it takes out of the statement is as it was.
final class LowerPrefixes implements CharStream {

    private final CharStream text;

    LowerPrefixes(CharStream text) {
        this.text = text;
    }

    @Override
    public int LA(int i) {
        int c = text.LA(i);
        boolean isPrefix = (c == 'X' || c == 'B') && i > 0 && text.LA(i + 1) == '\'';
        return isPrefix ? c + ('a' - 'A') : c;
    }

    @Override
    public String getText(Interval interval) {
        return text.getText(interval);
    }

    @Override
    public void consume() {
        text.consume();
    }

    @Override
    public int mark() {
        return text.mark();
    }

    @Override
    public void release(int marker) {
        text.release(marker);
    }

    @Override
    public int index() {
        return text.index();
    }

    @Override
    public void seek(int index) {
        text.seek(index);
    }

    @Override
    public int size() {
        return text.size();
    }

    @Override
    public String getSourceName() {
        return text.getSourceName();
    }
}
