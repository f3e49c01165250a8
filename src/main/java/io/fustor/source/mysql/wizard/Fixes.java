package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.server.ServerSettings;
import io.fustor.source.mysql.server.ServerSettings.Platform;
import java.util.ArrayList;
import java.util.List;

/// The fixes for settings of one server. A fix is a persistent statement if the server supports
/// one, and otherwise an option of the server. On Amazon's servers it is a change of the parameter
/// group. Each fix is one line, ready to paste.
final class Fixes {

    private final ServerSettings settings;
    private final Texts texts;

    Fixes(ServerSettings settings, Texts texts) {
        this.settings = settings;
        this.texts = texts;
    }

    /// The fix for a variable that can change at run time.
    String set(String variable, String value) {
        if (settings.platform() != Platform.OWN) {
            return parameter("fix.parameter", variable, value);
        }
        String quoted =
                value.matches("\\d+|ON|OFF|WARN|\\w+_PERMISSIVE") ? value : "'" + value + "'";
        if (settings.isMySqlSince(8, 0, 0)) {
            return "SET PERSIST " + variable + " = " + quoted + ";";
        }
        return "SET GLOBAL " + variable + " = " + quoted + ";";
    }

    /// The additional step that makes the value of [#set] survive a restart, as text after the
    /// explanation of a check; empty if none is needed.
    String lasting(String variable, String value) {
        boolean isLasting = settings.platform() != Platform.OWN || settings.isMySqlSince(8, 0, 0);
        return isLasting ? "" : texts.get("fix.lasting", variable, value);
    }

    /// The fix for a variable that changes only at server startup.
    String restart(String variable, String value) {
        return settings.platform() == Platform.OWN
                ? restart(List.of("--" + variable.replace('_', '-') + "=" + value))
                : parameter("fix.parameter-reboot", variable, value);
    }

    /// The fix that starts the server with options.
    String restart(List<String> options) {
        return texts.get("fix.restart", String.join(" ", options));
    }

    private String parameter(String key, String variable, String value) {
        String suffix = settings.platform() == Platform.AURORA ? ".cluster" : "";
        return texts.get(key + suffix, variable, value);
    }

    /// The steps to GTIDs, one mode after the other, from the server's current mode.
    String gtids() {
        if (settings.platform() != Platform.OWN) {
            return parameter("fix.parameter-reboot", "enforce_gtid_consistency", "ON")
                    + " "
                    + parameter("fix.parameter-reboot", "gtid_mode", "ON");
        }
        List<String> steps = new ArrayList<>();
        if (!"ON".equals(settings.value("enforce_gtid_consistency"))) {
            steps.add(set("enforce_gtid_consistency", "WARN"));
            steps.add(set("enforce_gtid_consistency", "ON"));
        }
        List<String> modes = List.of("OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE");
        for (String mode :
                modes.subList(
                        modes.indexOf(String.valueOf(settings.value("gtid_mode"))) + 1,
                        modes.size())) {
            steps.add(set("gtid_mode", mode));
        }
        steps.add(set("gtid_mode", "ON"));
        return String.join(" ", steps);
    }
}
