package io.fustor.source.mysql.server;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Parses one line of `SHOW GRANTS`: keywords and names. The server quotes names with backquotes if
/// the session permits it, so they may contain any character.
final class GrantLine {

    private final String text;
    private int at;

    private GrantLine(String text) {
        this.text = text;
    }

    /// Adds a line's contents to the grants or to the roles. Grants on routines do not concern
    /// tables and are skipped, as are lines that are not grants.
    static void read(String line, List<Grants.Grant> grants, List<String> roles) {
        GrantLine reader = new GrantLine(line);
        boolean isRevoke = reader.accept("REVOKE");
        if (!isRevoke && !reader.accept("GRANT")) {
            return;
        }
        if (reader.isQuoted()) {
            reader.readRoles(roles);
            return;
        }
        Set<String> privileges = reader.privileges();
        if (!privileges.contains("PROXY") && reader.isScopeOfTables()) {
            String schema = reader.part();
            reader.skip('.');
            grants.add(new Grants.Grant(isRevoke, privileges, schema, reader.part()));
        }
    }

    private void readRoles(List<String> roles) {
        do {
            int start = at;
            quoted();
            if (text.startsWith("@", at)) {
                at++;
                quoted();
            }
            roles.add(text.substring(start, at));
        } while (skip(','));
    }

    /// The list up to `ON`, without privileges on single columns.
    private Set<String> privileges() {
        Set<String> privileges = new TreeSet<>();
        StringBuilder privilege = new StringBuilder();
        while (at < text.length()) {
            if (skip('(')) {
                skipColumns();
                privilege.setLength(0);
            } else if (skip(',')) {
                add(privilege, privileges);
            } else if (accept("ON")) {
                break;
            } else {
                privilege.append(' ').append(word());
            }
        }
        add(privilege, privileges);
        return privileges;
    }

    private static void add(StringBuilder privilege, Set<String> privileges) {
        String name = privilege.toString().strip().toUpperCase(Locale.ROOT);
        if (!name.isEmpty()) {
            privileges.add(name);
        }
        privilege.setLength(0);
    }

    private void skipColumns() {
        do {
            part();
        } while (skip(','));
        skip(')');
    }

    private boolean isScopeOfTables() {
        return !accept("PROCEDURE") && !accept("FUNCTION") && !accept("PACKAGE");
    }

    private String part() {
        if (skip('*')) {
            return "*";
        }
        return isQuoted() ? quoted() : word();
    }

    private boolean isQuoted() {
        skipSpaces();
        return at < text.length() && "`'\"".indexOf(text.charAt(at)) >= 0;
    }

    private String quoted() {
        char quote = text.charAt(at++);
        StringBuilder name = new StringBuilder();
        while (at < text.length()) {
            char next = text.charAt(at++);
            if (next != quote) {
                name.append(next);
            } else if (at < text.length() && text.charAt(at) == quote) {
                name.append(quote);
                at++;
            } else {
                break;
            }
        }
        return name.toString();
    }

    private String word() {
        skipSpaces();
        int start = at;
        while (at < text.length() && " ,().`".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        if (at == start) {
            at++;
        }
        return text.substring(start, Math.min(at, text.length()));
    }

    private boolean accept(String word) {
        skipSpaces();
        int end = at + word.length();
        if (text.startsWith(word, at) && (end == text.length() || text.charAt(end) == ' ')) {
            at = end;
            return true;
        }
        return false;
    }

    private boolean skip(char expected) {
        skipSpaces();
        if (at < text.length() && text.charAt(at) == expected) {
            at++;
            return true;
        }
        return false;
    }

    private void skipSpaces() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }
}
