package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.SourceException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The global variables of a server on which a source depends, and what they tell about the server:
/// version, flavour, platform.
///
/// @param variables by name in lower case; a server lacks those that it does not know
public record ServerSettings(Map<String, String> variables) {

    /// How long Amazon RDS keeps binlogs; not a variable, but a row of a table of its own.
    private static final String RDS_RETENTION = "rds_retention_hours";

    /// The platform of a server, which decides how its settings are changed.
    public enum Platform {
        /// Self-managed: the operator can write its option file.
        OWN,
        /// Amazon RDS: settings are in a parameter group.
        RDS,
        /// Amazon Aurora: the binlog's settings are in the cluster's parameter group.
        AURORA
    }

    public ServerSettings {
        variables = Map.copyOf(variables);
    }

    public static ServerSettings read(ServerSession session) {
        Map<String, String> variables = new TreeMap<>();
        session.query(
                """
                SHOW GLOBAL VARIABLES WHERE Variable_name IN (
                    'version', 'version_comment', 'basedir', 'aurora_version', 'server_id',
                    'log_bin', 'binlog_format', 'binlog_row_image', 'binlog_row_metadata',
                    'binlog_row_value_options', 'gtid_mode', 'enforce_gtid_consistency',
                    'binlog_expire_logs_seconds', 'binlog_expire_logs_auto_purge',
                    'expire_logs_days', 'log_replica_updates', 'log_slave_updates',
                    'innodb_native_foreign_keys', 'partial_revokes')
                """,
                row ->
                        variables.put(
                                row.getString(1).toLowerCase(Locale.ROOT),
                                String.valueOf(row.getString(2))));
        ServerSettings settings = new ServerSettings(variables);
        return settings.platform() == Platform.OWN ? settings : settings.withRetention(session);
    }

    private ServerSettings withRetention(ServerSession session) {
        try {
            String hours =
                    session.value(
                            "SELECT value FROM mysql.rds_configuration WHERE name = 'binlog"
                                    + " retention hours'");
            Map<String, String> all = new TreeMap<>(variables);
            all.put(RDS_RETENTION, hours == null || hours.equals("null") ? "0" : hours);
            return new ServerSettings(all);
        } catch (SourceException _) {
            // Only Amazon RDS has the table; without it there is nothing to check.
            return this;
        }
    }

    /// A variable's value, or null if the server does not know it.
    public @Nullable String value(String name) {
        return variables.get(name);
    }

    /// Hours for which Amazon RDS keeps a binlog, or null elsewhere.
    public @Nullable String rdsRetentionHours() {
        return value(RDS_RETENTION);
    }

    public String version() {
        return variables.getOrDefault("version", "");
    }

    public boolean isMariaDb() {
        return new ServerVersion(version()).isMariaDb();
    }

    /// Whether this is MySQL of a version or later.
    public boolean isMySqlSince(int major, int minor, int patch) {
        return new ServerVersion(version()).isMySqlSince(major, minor, patch);
    }

    public Platform platform() {
        if (value("aurora_version") != null) {
            return Platform.AURORA;
        }
        return variables.getOrDefault("basedir", "").startsWith("/rdsdbbin/")
                ? Platform.RDS
                : Platform.OWN;
    }

    /// `MySQL`, `MariaDB`, or a managed service's MySQL.
    public String flavour() {
        return switch (platform()) {
            case AURORA -> "Amazon Aurora MySQL";
            case RDS -> new ServerVersion(version()).flavour() + " (Amazon RDS)";
            case OWN -> new ServerVersion(version()).flavour();
        };
    }
}
