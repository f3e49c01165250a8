package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.binlog.ReplicationProof;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Selection.TablePattern;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.Account;
import io.fustor.source.mysql.server.Grants;
import io.fustor.source.mysql.server.MissingPrivileges;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.source.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Checks whether the user of a source may do what a source does. It reads the effective grants,
/// and tries the operations.
final class PrivilegeChecks {

    private static final Duration PROOF = Duration.ofSeconds(15);

    /// The number of tables that one statement reads.
    private static final int AT_ONCE = 50;

    private final ServerSession session;
    private final DriverParams params;
    private final Texts texts;
    private final Grants grants;
    private final List<TableId> captured;

    /// Tables that the user may not read.
    private final List<String> unreadable;

    /// The one statement that grants everything that is missing; null if nothing is.
    private final @Nullable String fix;

    /// A privilege of the server as a whole, and whether some grants have it.
    private record Needed(String privilege, Predicate<Grants> isGranted) {}

    private PrivilegeChecks(
            ServerSession session,
            @Nullable ServerSession administrator,
            DriverParams params,
            Texts texts) {
        ServerSession seeing = administrator == null ? session : administrator;
        this.session = session;
        this.params = params;
        this.texts = texts;
        this.grants = Grants.read(session);
        this.captured = new CapturedTables(seeing, params.tables()).all();
        this.unreadable = unreadable();
        this.fix = fix(missing());
    }

    /// @param session of the user
    /// @param administrator who sees the captured tables that the user does not, or null
    static List<Check> run(
            ServerSession session,
            @Nullable ServerSession administrator,
            DriverParams params,
            Texts texts) {
        PrivilegeChecks checks = new PrivilegeChecks(session, administrator, params, texts);
        List<Check> all = checks.granted();
        all.add(checks.replicationEvent());
        all.add(checks.rows());
        return all;
    }

    /// Checks the grants only, without trying the operations.
    ///
    /// @param session of the user
    static List<Check> granted(ServerSession session, DriverParams params, Texts texts) {
        return new PrivilegeChecks(session, null, params, texts).granted();
    }

    private List<Check> granted() {
        List<Check> all = new ArrayList<>();
        all.add(global("replication_slave", "REPLICATION SLAVE", grants.mayReplicate()));
        all.add(global("replication_client", "REPLICATION CLIENT", grants.maySeePositions()));
        all.add(select());
        if (params.allowBriefLock()) {
            all.add(global("brief_lock", "RELOAD", grants.mayLock()));
        }
        return all;
    }

    private Check global(String name, String privilege, boolean passed) {
        return new Check(
                name,
                !name.equals("brief_lock"),
                texts.get(passed ? "granted" : "missing"),
                privilege,
                passed,
                texts.get("check." + name),
                passed ? null : fix);
    }

    private List<Needed> missing() {
        List<Needed> missing = new ArrayList<>();
        if (!isSelectGranted()) {
            missing.add(new Needed("SELECT", Grants::maySelectEverything));
        }
        missing.add(new Needed("REPLICATION SLAVE", Grants::mayReplicate));
        missing.add(new Needed("REPLICATION CLIENT", Grants::maySeePositions));
        if (params.allowBriefLock()) {
            missing.add(new Needed("RELOAD", Grants::mayLock));
        }
        missing.removeIf(needed -> needed.isGranted().test(grants));
        return missing;
    }

    /// Roles that are granted but not active need no further grant.
    private @Nullable String fix(List<Needed> missing) {
        if (missing.isEmpty()) {
            return null;
        }
        Account account = Account.of(session);
        if (!grants.roles().isEmpty() && areGrantedByRoles(missing)) {
            return "SET DEFAULT ROLE ALL TO " + account + ";";
        }
        List<String> privileges = missing.stream().map(Needed::privilege).toList();
        return new MissingPrivileges(account, privileges).grant() + ";";
    }

    private boolean areGrantedByRoles(List<Needed> missing) {
        try {
            Grants withRoles = grants.withAllRoles(session);
            return missing.stream().allMatch(needed -> needed.isGranted().test(withRoles));
        } catch (SourceException _) {
            // MariaDB has no such statement; a grant fixes it too.
            return false;
        }
    }

    private boolean isSelectGranted() {
        boolean nothing = captured.isEmpty() && !grants.maySelectEverything();
        return unreadable.isEmpty() && !nothing;
    }

    private List<String> unreadable() {
        if (grants.maySelectEverything()) {
            return List.of();
        }
        List<String> names =
                new ArrayList<>(
                        named(captured.stream().filter(t -> !grants.maySelect(t)).toList()));
        names.addAll(notSeen());
        return names;
    }

    private Check select() {
        boolean passed = isSelectGranted();
        String actual =
                unreadable.isEmpty()
                        ? texts.get(passed ? "granted" : "missing")
                        : texts.get("missing-on", shortened(unreadable));
        return new Check(
                "select",
                true,
                actual,
                "SELECT",
                passed,
                texts.get("check.select"),
                passed ? null : fix);
    }

    /// Tables that the source names in full and that neither session sees.
    private List<String> notSeen() {
        Set<TableId> seen = new HashSet<>(captured);
        return params.tables().tables().stream()
                .filter(TablePattern::isName)
                .map(name -> new TableId(name.schema(), name.table()))
                .filter(table -> !seen.contains(table))
                .map(TableId::toString)
                .toList();
    }

    private Check replicationEvent() {
        String name = "replication_event";
        String explanation = texts.get("check." + name);
        String expected = texts.get("expected.event");
        try {
            String file = ReplicationProof.readOneEvent(session.access(), PROOF);
            return new Check(
                    name, true, texts.get("read-event", file), expected, true, explanation, null);
        } catch (SourceException e) {
            boolean isMissing = e.code() == FailureCode.PRIVILEGE_MISSING && fix != null;
            String actual = isMissing ? texts.get("missing") : texts.failure(e);
            return new Check(
                    name, true, actual, expected, false, explanation, isMissing ? fix : null);
        }
    }

    private Check rows() {
        String name = "table_rows";
        CapturedTables tables = new CapturedTables(session, params.tables());
        List<String> refused = new ArrayList<>();
        for (int from = 0; from < captured.size(); from += AT_ONCE) {
            List<TableId> some = captured.subList(from, Math.min(from + AT_ONCE, captured.size()));
            refused.addAll(refused(tables, some));
        }
        boolean passed = refused.isEmpty();
        String read = texts.get("read-tables", captured.size() - refused.size(), captured.size());
        return new Check(
                name,
                true,
                passed ? read : read + texts.get("not-read", shortened(refused)),
                texts.get("expected.rows"),
                passed,
                texts.get("check." + name),
                passed ? null : fix);
    }

    /// Returns the tables that the user may not read. It first tries all tables in one statement.
    private static List<String> refused(CapturedTables tables, List<TableId> some) {
        try {
            tables.readOneRowOf(some);
            return List.of();
        } catch (SourceException e) {
            if (ServerSession.errorNumber(e) == 0) {
                throw e;
            }
        }
        List<String> refused = new ArrayList<>();
        for (TableId table : some) {
            try {
                tables.readOneRowOf(List.of(table));
            } catch (SourceException e) {
                if (ServerSession.errorNumber(e) == 0) {
                    throw e;
                }
                refused.add(table.toString());
            }
        }
        return refused;
    }

    private static List<String> named(List<TableId> tables) {
        return tables.stream().map(TableId::toString).collect(Collectors.toList());
    }

    private String shortened(List<String> names) {
        String first = names.stream().limit(10).collect(Collectors.joining(", "));
        return names.size() <= 10 ? first : first + texts.get("and-more", names.size() - 10);
    }
}
