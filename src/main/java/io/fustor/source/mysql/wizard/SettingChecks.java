package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.server.ServerSettings;
import io.fustor.source.mysql.source.Check;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Checks a server's global variables. Some are required to capture changes; others are recommended
/// for correct decoding or long retention.
final class SettingChecks {

    private static final long DAY = 86_400;

    private final ServerSettings settings;
    private final Texts texts;
    private final Fixes fixes;

    SettingChecks(ServerSettings settings, Texts texts) {
        this.settings = settings;
        this.texts = texts;
        this.fixes = new Fixes(settings, texts);
    }

    List<Check> run() {
        List<Check> checks = new ArrayList<>();
        checks.add(binlog());
        checks.add(equal("binlog_format", true, "ROW"));
        checks.add(equal("binlog_row_image", true, "FULL"));
        checks.add(serverId());
        checks.add(valueOptions());
        checks.add(equal("binlog_row_metadata", false, "FULL"));
        checks.add(gtids());
        checks.add(retention());
        return checks;
    }

    private Check binlog() {
        String fix =
                switch (settings.platform()) {
                    case OWN -> fixes.restart(binlogOptions());
                    case RDS -> texts.get("fix.rds-backups");
                    case AURORA -> fixes.restart("binlog_format", "ROW");
                };
        return check("log_bin", true, "ON", settings.value("log_bin"), fix);
    }

    private List<String> binlogOptions() {
        String id = settings.value("server_id");
        List<String> options = new ArrayList<>(List.of("--log-bin=binlog", "--binlog-format=ROW"));
        if (id == null || id.equals("0")) {
            options.add("--server-id=1");
        }
        return options;
    }

    private Check serverId() {
        String actual = settings.value("server_id");
        boolean passed = actual != null && !actual.equals("0");
        return new Check(
                "server_id",
                true,
                String.valueOf(actual),
                texts.get("expected.not-zero"),
                passed,
                texts.get("check.server_id") + (passed ? "" : fixes.lasting("server_id", "1")),
                passed ? null : fixes.set("server_id", "1"));
    }

    private Check valueOptions() {
        String actual = settings.value("binlog_row_value_options");
        String fix = fixes.set("binlog_row_value_options", "");
        return check("binlog_row_value_options", true, "", actual, fix);
    }

    private Check equal(String variable, boolean required, String expected) {
        Check check =
                check(
                        variable,
                        required,
                        expected,
                        settings.value(variable),
                        fixes.set(variable, expected));
        return check.passed() ? check : check.with(fixes.lasting(variable, expected));
    }

    private Check gtids() {
        Check check = check("gtid_mode", false, "ON", settings.value("gtid_mode"), fixes.gtids());
        return check.passed() ? check : check.with(texts.get("fix.gtid-waits"));
    }

    private Check check(
            String name, boolean required, String expected, @Nullable String actual, String fix) {
        String explanation = texts.get("check." + name);
        if (actual == null) {
            return Reports.notApplicable(name, required, expected, explanation, texts);
        }
        boolean passed = actual.equalsIgnoreCase(expected);
        return new Check(
                name, required, actual, expected, passed, explanation, passed ? null : fix);
    }

    private Check retention() {
        String rds = settings.rdsRetentionHours();
        if (rds != null) {
            return retention(
                    rds + " h",
                    Long.parseLong(rds) * 3_600 >= DAY,
                    "CALL mysql.rds_set_configuration('binlog retention hours', 24);");
        }
        if ("OFF".equals(settings.value("binlog_expire_logs_auto_purge"))) {
            return retention(texts.get("retention.forever"), true, "");
        }
        String variable =
                settings.value("binlog_expire_logs_seconds") == null
                        ? "expire_logs_days"
                        : "binlog_expire_logs_seconds";
        boolean inDays = variable.equals("expire_logs_days");
        double value =
                Double.parseDouble(Objects.requireNonNullElse(settings.value(variable), "0"));
        long seconds = (long) (inDays ? value * DAY : value);
        if (seconds == 0) {
            return retention(texts.get("retention.forever"), true, "");
        }
        String least = inDays ? "1" : String.valueOf(DAY);
        Check check = retention(seconds + " s", seconds >= DAY, fixes.set(variable, least));
        return check.passed() ? check : check.with(fixes.lasting(variable, least));
    }

    private Check retention(String actual, boolean passed, String fix) {
        return new Check(
                "binlog_retention",
                false,
                actual,
                texts.get("expected.a-day"),
                passed,
                texts.get("check.binlog_retention"),
                passed ? null : fix);
    }

    /// Whether foreign keys change rows inside the storage engine, without binlog events.
    static boolean hidesCascades(ServerSettings settings) {
        return !settings.isMySqlSince(9, 6, 0)
                || "ON".equals(settings.value("innodb_native_foreign_keys"));
    }
}
