package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.Account;
import io.fustor.source.mysql.server.Quoting;
import io.fustor.source.mysql.server.ServerSession;
import java.util.Map;
import java.util.TreeMap;

/// The MySQL account of a source, as an administrator inspects and changes it.
public final class AgentAccount {

    private static final int BAD_PASSWORD = 1819;

    /// The account already exists.
    private static final int CANNOT_CREATE = 1396;

    private final ServerSession session;
    private final Account account;
    private final String password;

    /// @param session of an administrator
    public AgentAccount(ServerSession session, Account account, String password) {
        this.session = session;
        this.account = account;
        this.password = password;
    }

    /// Creates the account without privileges, unless it exists.
    ///
    /// @return whether there was none
    /// @throws SourceException also if the password is too weak for the server
    public boolean createIfMissing() {
        if (isSeen()) {
            return false;
        }
        try {
            execute("CREATE USER " + account + identified());
            return true;
        } catch (SourceException e) {
            if (ServerSession.errorNumber(e) == CANNOT_CREATE) {
                return false;
            }
            throw e;
        }
    }

    /// Whether the administrator sees that the account exists. [#createIfMissing] checks this
    /// first, because the server also validates the password of an existing account.
    public boolean isSeen() {
        try {
            String count =
                    session.value(
                            "SELECT COUNT(*) FROM mysql.user WHERE User = ? AND Host = ?",
                            account.user(),
                            account.host());
            return !"0".equals(count);
        } catch (SourceException e) {
            if (e.code() == FailureCode.PRIVILEGE_MISSING) {
                return false;
            }
            throw e;
        }
    }

    /// Changes the password of the account.
    ///
    /// @throws SourceException also if the password is too weak for the server
    public void changePassword() {
        execute("ALTER USER " + account + identified());
    }

    private String identified() {
        return " IDENTIFIED BY " + Quoting.literal(password);
    }

    /// Removes the account.
    public void drop() {
        session.execute("DROP USER " + account);
    }

    /// Grants additional privileges to the account.
    ///
    /// @param privileges SQL keywords, never text from a request
    public void grant(String privileges) {
        session.execute("GRANT " + privileges + " ON *.* TO " + account);
    }

    private void execute(String sql) {
        try {
            session.execute(sql);
        } catch (SourceException e) {
            throw ServerSession.errorNumber(e) == BAD_PASSWORD ? weakPassword(e) : e;
        }
    }

    private SourceException weakPassword(SourceException e) {
        Map<String, String> policy = new TreeMap<>();
        session.query(
                "SHOW GLOBAL VARIABLES WHERE Variable_name LIKE 'validate\\_password%' OR"
                        + " Variable_name LIKE 'simple\\_password\\_check%'",
                row -> policy.put(row.getString(1), row.getString(2)));
        policy.keySet().removeIf(name -> name.contains("dictionary") || name.contains("changed"));
        return new SourceException(
                FailureCode.SERVER_ERROR,
                session.access().address()
                        + " finds the new password too weak for its policy "
                        + policy
                        + "; choose a stronger one",
                e);
    }
}
