package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.Account;
import io.fustor.source.mysql.server.AgentAccount;
import io.fustor.source.mysql.server.Credential;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.server.ServerSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Makes the user that a source logs in as, with what a source needs and nothing else. Done twice,
/// it changes nothing. An existing user keeps its other grants, and its password unless a change is
/// asked for.
final class AgentSetup {

    private static final Duration LOGIN = Duration.ofSeconds(5);

    private final ServerSession session;
    private final ServerAccess agentAccess;
    private final DriverParams params;
    private final Texts texts;
    private final Account account;
    private final AgentAccount accounts;

    /// @param session an administrator's
    AgentSetup(ServerSession session, ServerAccess agentAccess, DriverParams params, Texts texts) {
        this.session = session;
        this.agentAccess = agentAccess;
        this.params = params;
        this.texts = texts;
        this.account = new Account(agent().user(), params.agentHost());
        this.accounts = new AgentAccount(session, account, agent().password());
    }

    Outcome run() {
        refuseWhatServersGarble();
        if (accounts.createIfMissing()) {
            return createdWithGrants();
        }
        if (params.resetPassword()) {
            accounts.changePassword();
            grant();
            return new Outcome(true, texts.get("agent.reset", account));
        }
        String obstacle = passwordObstacle();
        if (obstacle != null) {
            return new Outcome(false, obstacle);
        }
        grant();
        return new Outcome(true, texts.get("agent.existed", account));
    }

    /// The server keeps users' names without characters beyond the first 65,536, and silently makes
    /// a question mark of each.
    private void refuseWhatServersGarble() {
        if (agent().user().codePoints().anyMatch(Character::isSupplementaryCodePoint)) {
            throw RequestException.invalid(texts.get("agent.supplementary"));
        }
    }

    private Outcome createdWithGrants() {
        try {
            grant();
            return new Outcome(true, texts.get("agent.created", account));
        } catch (SourceException e) {
            accounts.drop();
            throw e;
        }
    }

    private void grant() {
        String privileges = "REPLICATION SLAVE, REPLICATION CLIENT, SELECT";
        if (params.allowBriefLock()) {
            boolean finer = ServerSettings.read(session).isMySqlSince(8, 0, 23);
            privileges += finer ? ", FLUSH_TABLES" : ", RELOAD";
        }
        accounts.grant(privileges);
    }

    /// Why the given password does not open the existing account, or null where it does.
    private @Nullable String passwordObstacle() {
        try (ServerSession login = ServerSession.open(agentAccess, LOGIN)) {
            Account entered = Account.of(login);
            return entered.isSameAs(account)
                    ? null
                    : texts.get("agent.other-account", account, entered);
        } catch (SourceException e) {
            if (e.code() != FailureCode.ACCESS_DENIED) {
                throw e;
            }
            return texts.get("agent.other-password", account, e.getMessage());
        }
    }

    private Credential agent() {
        return agentAccess.credential();
    }
}
