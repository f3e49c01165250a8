package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.binlog.ReplicationProof;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Selection.TablePattern;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.Account;
import io.fustor.source.mysql.server.CapturedTables;
import io.fustor.source.mysql.server.Grants;
import io.fustor.source.mysql.server.ServerSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether the user that a source logs in as may do what a source does: by its effective grants,
/// and by doing it.
final class PrivilegeChecks {

    private static final Duration PROOF = Duration.ofSeconds(15);

    /// How many tables one statement reads.
    private static final int AT_ONCE = 50;

    private final ServerSession session;
    private final DriverParams params;
    private final Texts texts;
    private final Grants grants;
    private final Account account;

    private PrivilegeChecks(ServerSession session, DriverParams params, Texts texts) {
        this.session = session;
        this.params = params;
        this.texts = texts;
        this.grants = Grants.read(session);
        this.account = Account.of(session);
    }

    /// @param session the user's own
    /// @param administrator who sees the captured tables that the user does not, or null
    static List<Check> run(
            ServerSession session,
            @Nullable ServerSession administrator,
            DriverParams params,
            Texts texts) {
        PrivilegeChecks checks = new PrivilegeChecks(session, params, texts);
        ServerSession seeing = administrator == null ? session : administrator;
        List<TableId> captured = new CapturedTables(seeing, params.tables()).all();
        List<Check> all = new ArrayList<>();
        all.add(checks.global("replication_slave", "REPLICATION SLAVE", Grants::mayReplicate));
        all.add(checks.global("replication_client", "REPLICATION CLIENT", Grants::maySeePositions));
        all.add(checks.select(captured));
        if (params.allowBriefLock()) {
            all.add(checks.global("brief_lock", "RELOAD", Grants::mayLock));
        }
        all.add(checks.replicationEvent());
        all.add(checks.rows(captured));
        return all;
    }

    private Check global(String name, String privilege, Predicate<Grants> isGranted) {
        boolean passed = isGranted.test(grants);
        return new Check(
                name,
                !name.equals("brief_lock"),
                texts.get(passed ? "granted" : "missing"),
                privilege,
                passed,
                texts.get("check." + name),
                passed ? null : fix(privilege, isGranted));
    }

    /// A role that is granted but not active needs no further grant.
    private String fix(String privilege, Predicate<Grants> isGranted) {
        if (!grants.roles().isEmpty() && isGrantedByRoles(isGranted)) {
            return "SET DEFAULT ROLE ALL TO " + account + ";";
        }
        return "GRANT " + privilege + " ON *.* TO " + account + ";";
    }

    private boolean isGrantedByRoles(Predicate<Grants> isGranted) {
        try {
            return isGranted.test(grants.withAllRoles(session));
        } catch (SourceException _) {
            // MariaDB has no such statement; a grant mends it as well.
            return false;
        }
    }

    private Check select(List<TableId> captured) {
        List<String> hidden =
                grants.maySelectEverything()
                        ? List.of()
                        : named(captured.stream().filter(t -> !grants.maySelect(t)).toList());
        List<String> missing = grants.maySelectEverything() ? List.of() : notSeen(captured);
        List<String> unreadable = new ArrayList<>(hidden);
        unreadable.addAll(missing);
        boolean nothing = captured.isEmpty() && !grants.maySelectEverything();
        boolean passed = unreadable.isEmpty() && !nothing;
        String actual =
                passed || nothing
                        ? texts.get(passed ? "granted" : "missing")
                        : texts.get("missing-on", shortened(unreadable));
        return new Check(
                "select",
                true,
                actual,
                "SELECT",
                passed,
                texts.get("check.select"),
                passed ? null : selectFix());
    }

    /// Tables that the source names in full and nobody sees.
    private List<String> notSeen(List<TableId> captured) {
        Set<TableId> seen = new HashSet<>(captured);
        return params.tables().tables().stream()
                .filter(TablePattern::isName)
                .map(name -> new TableId(name.schema(), name.table()))
                .filter(table -> !seen.contains(table))
                .map(TableId::toString)
                .toList();
    }

    private String selectFix() {
        return fix("SELECT", Grants::maySelectEverything);
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
            return new Check(name, true, texts.failure(e), expected, false, explanation, null);
        }
    }

    private Check rows(List<TableId> captured) {
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
                passed ? null : selectFix());
    }

    /// Those of some tables that the user may not read; all are tried at once first.
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
