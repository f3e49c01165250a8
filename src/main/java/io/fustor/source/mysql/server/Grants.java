package io.fustor.source.mysql.server;

import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A user's privileges, parsed from the lines of `SHOW GRANTS`, which include the grants of active
/// roles.
///
/// @param grants in the order of the lines
/// @param roles names of the granted roles, as the server quotes them, active or not
/// @param wildcards whether `_` and `%` in a schema's name are wildcards; they are not while
///   `partial_revokes` is on
public record Grants(List<Grant> grants, List<String> roles, boolean wildcards) {

    /// MariaDB's names for privileges that have another name in MySQL.
    private static final Set<String> REPLICATION_CLIENT =
            Set.of("REPLICATION CLIENT", "BINLOG MONITOR");

    private static final Set<String> REPLICATION_SLAVE =
            Set.of("REPLICATION SLAVE", "REPLICATION REPLICA");

    /// One line.
    ///
    /// @param isRevoke whether it removes a global privilege for one schema
    /// @param privileges in capitals, without those on single columns
    /// @param schema `*` for all
    /// @param table `*` for all
    record Grant(boolean isRevoke, Set<String> privileges, String schema, String table) {

        boolean has(String privilege) {
            return privileges.contains(privilege)
                    || privileges.contains("ALL")
                    || privileges.contains("ALL PRIVILEGES");
        }

        boolean isGlobal() {
            return schema.equals("*") && table.equals("*");
        }
    }

    /// Reads the privileges of the session's user.
    public static Grants read(ServerSession session) {
        boolean partialRevokes = "ON".equals(ServerSettings.read(session).value("partial_revokes"));
        return parse(session.query("SHOW GRANTS", row -> row.getString(1)), !partialRevokes);
    }

    /// Reads the privileges that the session's user would have with all its roles active.
    public Grants withAllRoles(ServerSession session) {
        return parse(
                session.query(
                        "SHOW GRANTS FOR CURRENT_USER() USING " + String.join(", ", roles),
                        row -> row.getString(1)),
                wildcards);
    }

    static Grants parse(List<String> lines, boolean wildcards) {
        List<Grant> grants = new ArrayList<>();
        List<String> roles = new ArrayList<>();
        for (String line : lines) {
            GrantLine.read(line, grants, roles);
        }
        return new Grants(List.copyOf(grants), List.copyOf(roles), wildcards);
    }

    /// Whether the user may follow the binlog.
    public boolean mayReplicate() {
        return hasGlobal(REPLICATION_SLAVE);
    }

    /// Whether the user may read the end of the binlog.
    public boolean maySeePositions() {
        return hasGlobal(REPLICATION_CLIENT) || hasGlobal(Set.of("SUPER"));
    }

    /// Whether the user may take a global read lock.
    public boolean mayLock() {
        return hasGlobal(Set.of("RELOAD", "FLUSH_TABLES"));
    }

    private boolean hasGlobal(Set<String> oneOf) {
        return grants.stream()
                .filter(grant -> grant.isGlobal() && !grant.isRevoke())
                .anyMatch(grant -> oneOf.stream().anyMatch(grant::has));
    }

    /// Whether the user may read every table, including future tables.
    public boolean maySelectEverything() {
        return hasGlobal(Set.of("SELECT")) && !isAnyRevoked();
    }

    private boolean isAnyRevoked() {
        return grants.stream()
                .anyMatch(
                        grant ->
                                grant.isRevoke()
                                        && grant.has("SELECT")
                                        && !new TableId(grant.schema(), "").isSystem());
    }

    /// Whether the user may read every table that a selection of patterns includes, including
    /// future tables.
    public boolean maySelectAll(Selection selection) {
        if (maySelectEverything()) {
            return true;
        }
        return !selection.tables().isEmpty()
                && selection.tables().stream()
                        .allMatch(pattern -> pattern.isName() || maySelectAll(pattern.schema()));
    }

    /// @param schema a name, or a pattern with stars, which requires a grant on all schemas
    private boolean maySelectAll(String schema) {
        TableId any = new TableId(schema, "*");
        return schema.indexOf('*') < 0 && maySelect(any);
    }

    /// The schemas and tables that the user may read, as named by the grants: `shop.*`.
    public List<String> selectable() {
        return grants.stream()
                .filter(grant -> !grant.isRevoke() && grant.has("SELECT"))
                .map(grant -> grant.schema() + "." + grant.table())
                .distinct()
                .sorted()
                .toList();
    }

    /// Whether the user may read all columns of a table.
    public boolean maySelect(TableId table) {
        boolean global = hasGlobal(Set.of("SELECT"));
        boolean revoked =
                grants.stream()
                        .anyMatch(
                                grant ->
                                        grant.isRevoke()
                                                && grant.has("SELECT")
                                                && grant.schema().equals(table.schema()));
        return (global && !revoked)
                || grants.stream()
                        .filter(grant -> !grant.isRevoke() && !grant.isGlobal())
                        .anyMatch(grant -> grant.has("SELECT") && covers(grant, table));
    }

    private boolean covers(Grant grant, TableId table) {
        if (!grant.table().equals("*")) {
            return grant.schema().equals(table.schema()) && grant.table().equals(table.table());
        }
        return wildcards
                ? matches(grant.schema(), 0, table.schema(), 0)
                : grant.schema().equals(table.schema());
    }

    /// `LIKE` with a backslash as escape; patterns are as short as schema names.
    private static boolean matches(String pattern, int p, String name, int n) {
        if (p == pattern.length()) {
            return n == name.length();
        }
        char next = pattern.charAt(p);
        if (next == '%') {
            return matches(pattern, p + 1, name, n)
                    || (n < name.length() && matches(pattern, p, name, n + 1));
        }
        if (n == name.length()) {
            return false;
        }
        if (next == '\\' && p + 1 < pattern.length()) {
            return pattern.charAt(p + 1) == name.charAt(n) && matches(pattern, p + 2, name, n + 1);
        }
        return (next == '_' || next == name.charAt(n)) && matches(pattern, p + 1, name, n + 1);
    }
}
