package io.fustor.source.mysql.wizard;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.server.ServerSettings;
import io.fustor.source.mysql.source.Check;
import io.fustor.source.mysql.source.ConfigDocument.CredentialDocument;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What is advised for servers that tests cannot have.
class SettingChecksTests {

    private static final Map<String, String> WRONG =
            Map.of(
                    "version", "8.0.35",
                    "log_bin", "OFF",
                    "binlog_format", "MIXED",
                    "gtid_mode", "OFF",
                    "enforce_gtid_consistency", "OFF",
                    "server_id", "0",
                    "binlog_expire_logs_seconds", "3600");

    @Test
    void amazonRdsIsChangedByItsParameterGroup() {
        var settings = with("basedir", "/rdsdbbin/mysql-8.0.35.R2/", "rds_retention_hours", "0");

        assertThat(settings.flavour()).isEqualTo("MySQL (Amazon RDS)");
        assertThat(fix(settings, "log_bin")).contains("automated backups");
        assertThat(fix(settings, "binlog_format"))
                .isEqualTo("Parameter group of the DB instance: binlog_format = ROW");
        assertThat(fix(settings, "gtid_mode")).contains("reboot").doesNotContain("PERSIST");
        assertThat(fix(settings, "binlog_retention"))
                .isEqualTo("CALL mysql.rds_set_configuration('binlog retention hours', 24);");
    }

    @Test
    void auroraIsChangedByTheClustersParameterGroup() {
        var settings = with("aurora_version", "3.05.2", "basedir", "/rdsdbbin/oscar/");

        assertThat(settings.flavour()).isEqualTo("Amazon Aurora MySQL");
        assertThat(fix(settings, "log_bin"))
                .isEqualTo(
                        "Parameter group of the DB cluster: binlog_format = ROW, then reboot the"
                                + " writer instance");
        assertThat(fix(settings, "binlog_format"))
                .isEqualTo("Parameter group of the DB cluster: binlog_format = ROW");
    }

    @Test
    void olderServersKeepASettingInTheOptionFile() {
        var settings = with("version", "5.7.44-log");

        assertThat(fix(settings, "binlog_format")).isEqualTo("SET GLOBAL binlog_format = 'ROW';");
        assertThat(check(settings, "binlog_format").explanation())
                .endsWith(
                        "also write binlog_format = ROW in the section [mysqld] of the option file.");
        assertThat(check(settings, "binlog_row_metadata").actual()).isEqualTo("not applicable");
    }

    @Test
    void missingBinlogAsksForAServerIdWhereThereIsNone() {
        assertThat(fix(with(), "log_bin"))
                .isEqualTo(
                        "Restart the server with --log-bin=binlog --binlog-format=ROW --server-id=1");
    }

    @Test
    void retentionInDaysOrForeverCounts() {
        var inDays = new TreeMap<>(Map.of("version", "5.7.44", "expire_logs_days", "0"));
        assertThat(check(new ServerSettings(inDays), "binlog_retention").passed()).isTrue();
        inDays.put("expire_logs_days", "0.5");
        assertThat(fix(new ServerSettings(inDays), "binlog_retention"))
                .startsWith("SET GLOBAL expire_logs_days = 1;");
        assertThat(check(with("binlog_expire_logs_auto_purge", "OFF"), "binlog_retention").passed())
                .isTrue();
    }

    @Test
    void requestsShowNothingOfThemselves() {
        var request =
                new WizardRequest(
                        "db:3306",
                        new CredentialDocument("root", "secret-one"),
                        null,
                        Map.of("password", "secret-two"));

        assertThat(request + "" + request.administrator() + request.adminCreds())
                .doesNotContain("secret");
    }

    private static ServerSettings with(String... namesAndValues) {
        var variables = new TreeMap<>(WRONG);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            variables.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new ServerSettings(variables);
    }

    private static String fix(ServerSettings settings, String name) {
        return check(settings, name).fix();
    }

    private static Check check(ServerSettings settings, String name) {
        return new SettingChecks(settings, TestServers.english())
                .run().stream()
                        .filter(check -> check.name().equals(name))
                        .findFirst()
                        .orElseThrow();
    }
}
