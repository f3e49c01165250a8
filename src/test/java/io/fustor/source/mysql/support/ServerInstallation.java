package io.fustor.source.mysql.support;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A server's program on this machine, ready to run.
sealed interface ServerInstallation permits MySqlInstallation, MariaDbInstallation {

    /// What the program needs to find its libraries.
    Map<String, String> environment();

    /// Makes a data folder in which these options hold from its first day on.
    void prepareData(Path data, List<String> options);

    /// The words that every run of the program starts with.
    List<String> commandLine(Path data);

    /// The options of every server, before those of a test.
    List<String> options();
}
