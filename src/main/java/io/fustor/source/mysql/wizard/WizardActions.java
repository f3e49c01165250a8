package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.connection.AnswerMemory;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.HeldBytes;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.Servers;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.DiscoveredFields;
import io.fustor.source.mysql.server.FieldDiscovery;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.source.CheckReport;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// The actions of the wizard's steps. Each opens its own connections and closes them at its end.
/// The credentials of a request exist only during the call. Any thread may call; each call blocks
/// on the server.
@Component
class WizardActions {

    /// The time limit of an action, without connecting.
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
            return Reports.of(ParameterChecks.run(session, params.tables(), texts), texts);
        }
    }

    /// The fields as JSON in UTF-8, held in memory until they are released.
    record Fields(DiscoveredFields found, HeldBytes json) {}

    Fields discoverFields(WizardRequest request) {
        ServerAccess administrator = administrator(request);
        HeldBytes json = new HeldBytes(AnswerMemory.OF_HEAP.open(administrator));
        try {
            return new Fields(FieldDiscovery.read(administrator, json), json);
        } catch (Throwable e) {
            json.release();
            throw e;
        }
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
            return Reports.of(PrivilegeChecks.run(session, seeing, params, texts), texts);
        }
    }

    private ServerAccess administrator(WizardRequest request) {
        return servers.access(request.address(), request.administrator());
    }

    /// A session that may see more tables than the source's user. Without it, a step checks what it
    /// can.
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
