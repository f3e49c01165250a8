package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.Account;
import io.fustor.source.mysql.server.MissingPrivileges;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.server.ServerSettings;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Creates the MySQL user of a source with exactly the privileges that a source needs. A second run
/// changes nothing. An existing user keeps its other grants. It keeps its password unless the
/// request asks for a change.
final class AgentSetup {

    private static final Duration LOGIN = Duration.ofSeconds(5);
    private static final Set<String> NO_VALUES = Set.of("null", "undefined");

    private final ServerSession session;
    private final ServerAccess agentAccess;
    private final DriverParams params;
    private final Texts texts;
    private final Account account;
    private final AgentAccount accounts;

    /// @param session of an administrator
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
        String unfit = unfitPassword();
        if (unfit != null && (params.resetPassword() || !accounts.isSeen())) {
            return new Outcome(false, unfit);
        }
        if (unfit == null && accounts.createIfMissing()) {
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

    /// Refuses names with characters beyond U+FFFF. The server silently stores a question mark for
    /// each.
    private void refuseWhatServersGarble() {
        if (agent().user().codePoints().anyMatch(Character::isSupplementaryCodePoint)) {
            throw RequestException.invalid("wizard.agent.supplementary");
        }
    }

    /// Why no account may have the given password, or null if it may. An empty password would admit
    /// every user. The others are texts that a form sends for a missing value.
    private @Nullable String unfitPassword() {
        String password = agent().password();
        if (password.isEmpty()) {
            return texts.get("agent.no-password", account);
        }
        return NO_VALUES.contains(password) ? texts.get("agent.no-value", password) : null;
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
        String privileges = String.join(", ", MissingPrivileges.NEEDED);
        if (params.allowBriefLock()) {
            boolean finer = ServerSettings.read(session).isMySqlSince(8, 0, 23);
            privileges += finer ? ", FLUSH_TABLES" : ", RELOAD";
        }
        accounts.grant(privileges);
    }

    /// Why the given password does not open the existing account, or null if it does.
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
