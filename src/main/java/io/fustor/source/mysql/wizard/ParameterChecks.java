package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.Account;
import io.fustor.source.mysql.server.Quoting;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.server.ServerSettings;
import io.fustor.source.mysql.source.Check;
import io.fustor.source.mysql.wizard.CapturedTables.Cascade;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Checks whether a server is configured for capturing, as an administrator sees it: its variables,
/// its role in replication, and the captured tables.
final class ParameterChecks {

    /// The number of tables that a sentence names; further tables are only counted.
    private static final int NAMED = 10;

    private final ServerSession session;
    private final ServerSettings settings;
    private final Texts texts;
    private final Fixes fixes;

    private ParameterChecks(ServerSession session, Texts texts) {
        this.session = session;
        this.settings = ServerSettings.read(session);
        this.texts = texts;
        this.fixes = new Fixes(settings, texts);
    }

    static List<Check> run(ServerSession session, Selection captured, Texts texts) {
        ParameterChecks checks = new ParameterChecks(session, texts);
        CapturedTables tables = new CapturedTables(session, captured);
        List<Check> all = new ArrayList<>(new SettingChecks(checks.settings, texts).run());
        checks.addReplication(all);
        all.add(checks.keys(tables));
        all.add(checks.cascades(tables));
        return all;
    }

    private void addReplication(List<Check> all) {
        try {
            ReplicationRole role = ReplicationRole.read(session);
            all.add(replicaUpdates(role));
            all.add(filters(role));
        } catch (SourceException e) {
            if (e.code() != FailureCode.PRIVILEGE_MISSING) {
                throw e;
            }
            all.add(unseen("log_replica_updates", "ON"));
            all.add(unseen("binlog_filters", texts.get("expected.none")));
        }
    }

    /// A check of something that the administrator's privileges hide.
    private Check unseen(String name, String expected) {
        return new Check(
                name,
                false,
                texts.get("unseen"),
                expected,
                false,
                texts.get("check." + name),
                "GRANT REPLICATION CLIENT ON *.* TO " + Account.of(session) + ";");
    }

    private Check replicaUpdates(ReplicationRole role) {
        String name = "log_replica_updates";
        String explanation = texts.get("check." + name);
        String variable = settings.value(name) == null ? "log_slave_updates" : name;
        String actual = settings.value(variable);
        if (!role.isReplica() || actual == null) {
            return Reports.notApplicable(name, false, "ON", explanation, texts);
        }
        boolean passed = actual.equals("ON");
        return new Check(
                name,
                false,
                actual,
                "ON",
                passed,
                explanation,
                passed ? null : fixes.restart(variable, "ON"));
    }

    private Check filters(ReplicationRole role) {
        boolean passed = role.filters().isEmpty();
        return new Check(
                "binlog_filters",
                false,
                passed ? texts.get("expected.none") : role.filters(),
                texts.get("expected.none"),
                passed,
                texts.get("check.binlog_filters"),
                passed ? null : texts.get("fix.filters", role.filters()));
    }

    private Check keys(CapturedTables tables) {
        List<TableId> keyless = tables.withoutKey();
        return new Check(
                "table_keys",
                false,
                keyless.isEmpty() ? texts.get("expected.keys") : named(keyless, TableId::toString),
                texts.get("expected.keys"),
                keyless.isEmpty(),
                texts.get("check.table_keys"),
                keyless.isEmpty() ? null : statements(keyless, this::addKey));
    }

    /// The column is invisible if the server supports it, so that no statement without a column
    /// list is affected.
    private String addKey(TableId table) {
        return "ALTER TABLE "
                + quoted(table)
                + " ADD COLUMN row_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT"
                + (settings.isMySqlSince(8, 0, 23) ? " INVISIBLE" : "")
                + " PRIMARY KEY;";
    }

    private Check cascades(CapturedTables tables) {
        String name = "foreign_key_cascades";
        String explanation = texts.get("check." + name);
        String expected = texts.get("expected.none");
        if (!SettingChecks.hidesCascades(settings)) {
            return Reports.notApplicable(name, false, expected, explanation, texts);
        }
        List<Cascade> cascades = tables.cascades();
        return new Check(
                name,
                false,
                cascades.isEmpty() ? expected : named(cascades, ParameterChecks::describe),
                expected,
                cascades.isEmpty(),
                explanation,
                cascades.isEmpty() ? null : statements(cascades, ParameterChecks::dropCascade));
    }

    private static String describe(Cascade cascade) {
        return cascade.table()
                + " ("
                + cascade.name()
                + ": ON DELETE "
                + cascade.onDelete()
                + " ON UPDATE "
                + cascade.onUpdate()
                + ")";
    }

    private static String dropCascade(Cascade cascade) {
        return "ALTER TABLE "
                + quoted(cascade.table())
                + " DROP FOREIGN KEY "
                + Quoting.identifier(cascade.name())
                + ";";
    }

    private static String quoted(TableId table) {
        return Quoting.identifier(table.schema()) + "." + Quoting.identifier(table.table());
    }

    private <T> String named(List<T> all, Function<T, String> name) {
        String names = all.stream().limit(NAMED).map(name).collect(Collectors.joining(", "));
        return all.size() <= NAMED ? names : names + texts.get("and-more", all.size() - NAMED);
    }

    private static <T> String statements(List<T> all, Function<T, String> statement) {
        return all.stream().limit(NAMED).map(statement).collect(Collectors.joining(" "));
    }
}
