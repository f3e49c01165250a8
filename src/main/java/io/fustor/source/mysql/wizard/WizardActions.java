package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.server.FieldDiscovery;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.server.Servers;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// What the wizard's steps do, each on connections of its own that end with it. The credentials of
/// a request live as long as the call. Any thread may call; each blocks on the server.
@Component
class WizardActions {

    /// How long an action may talk with a server, beside connecting.
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final Servers servers;

    WizardActions(Servers servers) {
        this.servers = servers;
    }

    Outcome testConnection(WizardRequest request, Texts texts) {
        return ConnectionTest.run(administrator(request), texts);
    }

    CheckReport checkParams(WizardRequest request, Texts texts) {
        DriverParams params = request.params();
        try (ServerSession session = ServerSession.open(administrator(request), LONGEST)) {
            return CheckReport.of(ParameterChecks.run(session, params.tables(), texts), texts);
        }
    }

    /// @param out gets the fields as JSON in UTF-8; is closed
    DiscoveredFields discoverFields(WizardRequest request, OutputStream out) {
        return FieldDiscovery.read(administrator(request), out);
    }

    Outcome createAgentUser(WizardRequest request, Texts texts) {
        ServerAccess agent = servers.access(request.address(), request.agent());
        DriverParams params = request.params();
        try (ServerSession session = ServerSession.open(administrator(request), LONGEST)) {
            return new AgentSetup(session, agent, params, texts).run();
        }
    }

    CheckReport checkPrivileges(WizardRequest request, Texts texts) {
        ServerAccess agent = servers.access(request.address(), request.agent());
        DriverParams params = request.params();
        try (ServerSession session = ServerSession.open(agent, LONGEST);
                ServerSession seeing = administratorIfAny(request)) {
            return CheckReport.of(PrivilegeChecks.run(session, seeing, params, texts), texts);
        }
    }

    private ServerAccess administrator(WizardRequest request) {
        return servers.access(request.address(), request.administrator());
    }

    /// Who sees more tables than the source's user may; a step without it does what it can.
    private @Nullable ServerSession administratorIfAny(WizardRequest request) {
        Credential administrator = request.administratorOrNull();
        if (administrator == null) {
            return null;
        }
        try {
            return ServerSession.open(servers.access(request.address(), administrator), LONGEST);
        } catch (SourceException _) {
            return null;
        }
    }
}
