package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.HostRule;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.source.Check;
import io.fustor.source.mysql.source.CheckReport;
import io.fustor.source.mysql.support.TestMySql;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/// Talks with servers of tests as the wizard does, and speaks English.
final class TestServers {

    private static final Duration LONG = Duration.ofSeconds(60);

    private TestServers() {}

    static ServerAccess access(TestMySql server, String user, String password) {
        return new ServerAccess(
                ServerAddress.parse(server.uri()),
                new Credential(user, password),
                new ConnectionProperties(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30),
                        TlsMode.PREFERRED,
                        null,
                        ""),
                HostRule.DEFAULT);
    }

    static ServerAccess administrator(TestMySql server) {
        return access(server, server.user(), server.password());
    }

    static <T> T asAdministrator(TestMySql server, Function<ServerSession, T> talk) {
        try (var session = ServerSession.open(administrator(server), LONG)) {
            return talk.apply(session);
        }
    }

    static Outcome createAgent(
            TestMySql server, String user, String password, Map<String, Object> params) {
        return asAdministrator(
                server,
                session ->
                        new AgentSetup(
                                        session,
                                        access(server, user, password),
                                        DriverParams.of(new HashMap<>(params)),
                                        english())
                                .run());
    }

    /// @param params `tables` limits what is captured
    static CheckReport checkPrivileges(
            TestMySql server, String user, String password, Map<String, Object> params) {
        return asAdministrator(
                server,
                administrator -> {
                    try (var session = ServerSession.open(access(server, user, password), LONG)) {
                        return Reports.of(
                                PrivilegeChecks.run(
                                        session,
                                        administrator,
                                        DriverParams.of(new HashMap<>(params)),
                                        english()),
                                english());
                    }
                });
    }

    static CheckReport checkParameters(TestMySql server, String tables) {
        var params = DriverParams.of(new HashMap<>(Map.of("tables", tables)));
        return asAdministrator(
                server,
                session ->
                        Reports.of(
                                ParameterChecks.run(session, params.tables(), english()),
                                english()));
    }

    static List<String> failed(CheckReport report) {
        return report.checks().stream().filter(check -> !check.passed()).map(Check::name).toList();
    }

    static Check check(CheckReport report, String name) {
        return report.checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Texts english() {
        return new Texts(Locale.ENGLISH);
    }
}
