package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.server.ServerSettings;
import io.fustor.source.mysql.server.ServerSettings.Platform;
import java.util.ArrayList;
import java.util.List;

/// How a setting is changed on one server: with a statement that outlives a restart where it has
/// one, in the option file otherwise, and in the parameter group where Amazon runs the server.
final class Fixes {

    private final ServerSettings settings;
    private final Texts texts;

    Fixes(ServerSettings settings, Texts texts) {
        this.settings = settings;
        this.texts = texts;
    }

    /// Sets a variable that may change while the server runs.
    String set(String variable, String value) {
        if (settings.platform() != Platform.OWN) {
            return parameter("fix.parameter", variable, value);
        }
        String quoted =
                value.matches("\\d+|ON|OFF|WARN|\\w+_PERMISSIVE") ? value : "'" + value + "'";
        if (settings.isMySqlSince(8, 0, 0)) {
            return "SET PERSIST " + variable + " = " + quoted + ";";
        }
        return "SET GLOBAL "
                + variable
                + " = "
                + quoted
                + ";\n-- "
                + texts.get("fix.lasting")
                + "\n-- [mysqld]\n-- "
                + variable
                + " = "
                + value;
    }

    /// Sets a variable that only a start of the server changes.
    String restart(String variable, String value) {
        return settings.platform() == Platform.OWN
                ? restart(List.of(variable + " = " + value))
                : parameter("fix.parameter-reboot", variable, value);
    }

    /// Writes lines into the option file.
    String restart(List<String> lines) {
        return "[mysqld]\n" + String.join("\n", lines) + "\n# " + texts.get("fix.restart");
    }

    private String parameter(String key, String variable, String value) {
        String suffix = settings.platform() == Platform.AURORA ? ".cluster" : "";
        return texts.get(key + suffix, variable, value);
    }

    /// The way to GTIDs, one mode after the other, from where the server stands.
    String gtids() {
        if (settings.platform() != Platform.OWN) {
            return parameter("fix.parameter-reboot", "enforce_gtid_consistency", "ON")
                    + "\n"
                    + parameter("fix.parameter-reboot", "gtid_mode", "ON");
        }
        List<String> steps = new ArrayList<>();
        if (!"ON".equals(settings.value("enforce_gtid_consistency"))) {
            steps.add(set("enforce_gtid_consistency", "WARN"));
            steps.add("-- " + texts.get("fix.gtid-warnings"));
            steps.add(set("enforce_gtid_consistency", "ON"));
        }
        List<String> modes = List.of("OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE");
        for (String mode :
                modes.subList(
                        modes.indexOf(String.valueOf(settings.value("gtid_mode"))) + 1,
                        modes.size())) {
            steps.add(set("gtid_mode", mode));
        }
        steps.add("-- " + texts.get("fix.gtid-anonymous"));
        steps.add(set("gtid_mode", "ON"));
        return String.join("\n", steps);
    }
}
