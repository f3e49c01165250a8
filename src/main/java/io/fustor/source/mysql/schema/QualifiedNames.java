package io.fustor.source.mysql.schema;

import java.util.ArrayList;
import java.util.List;

/// Parses lists of qualified names such as `` shop.orders,shop.`odd,name` ``. Commas separate names
/// and dots separate parts. A part that contains either is in backquotes; a backquote in it is
/// doubled.
final class QualifiedNames {

    private final String text;
    private int at;

    private QualifiedNames(String text) {
        this.text = text;
    }

    /// One part of a name.
    ///
    /// @param quoted whether it was in backquotes, so that it is taken literally
    record Part(String text, boolean quoted) {}

    /// @throws IllegalArgumentException if the text is not such a list
    static List<List<Part>> parse(String text) {
        QualifiedNames reader = new QualifiedNames(text);
        List<List<Part>> names = new ArrayList<>();
        do {
            names.add(reader.name());
        } while (reader.accept(','));
        if (reader.at < text.length()) {
            throw new IllegalArgumentException(
                    "a name ends at an unexpected '" + text.charAt(reader.at) + "'");
        }
        return names;
    }

    private List<Part> name() {
        List<Part> parts = new ArrayList<>();
        do {
            parts.add(part());
        } while (accept('.'));
        return parts;
    }

    private Part part() {
        return accept('`') ? new Part(quoted(), true) : new Part(plain(), false);
    }

    private String plain() {
        int start = at;
        while (at < text.length() && ".,`".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String part = text.substring(start, at).strip();
        if (part.isEmpty()) {
            throw new IllegalArgumentException("a name or a part of one is empty");
        }
        return part;
    }

    private String quoted() {
        StringBuilder part = new StringBuilder();
        while (at < text.length()) {
            char next = text.charAt(at++);
            if (next != '`') {
                part.append(next);
            } else if (accept('`')) {
                part.append('`');
            } else if (!part.isEmpty()) {
                return part.toString();
            } else {
                break;
            }
        }
        throw new IllegalArgumentException("a quoted name is empty or has no closing backquote");
    }

    private boolean accept(char expected) {
        if (at < text.length() && text.charAt(at) == expected) {
            at++;
            return true;
        }
        return false;
    }
}
