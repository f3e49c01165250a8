package io.fustor.source.mysql.support;

import java.util.List;

/// One MySQL server, by where it comes from. `TestMySql` is what a test sees of it.
sealed interface ServerHandle permits GivenMySql, MySqlInDocker, MySqlProcess {

    String host();

    int port();

    String user();

    String password();

    /// The server's process id on this machine.
    long pid();

    /// Lets the server shut down, and returns when it has.
    void stop();

    /// Ends the server as a power cut would, and returns when it is gone.
    void kill();

    /// Starts the stopped server on its data and its port, and returns when it greets.
    ///
    /// @param furtherOptions options after those of the first start; of two that clash, the last
    ///   one wins
    void startAgain(List<String> furtherOptions);

    /// Lets the server stand still with its connections open, until `thaw`.
    void freeze();

    void thaw();

    /// What the server has written about itself.
    String log();

    /// Ends the server and removes its data.
    void close();
}
