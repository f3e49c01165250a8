package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.Map;
import java.util.TreeMap;

/// The account that a source logs in with, looked at and changed by an administrator.
public final class AgentAccount {

    private static final int BAD_PASSWORD = 1819;

    /// Such an account exists already.
    private static final int CANNOT_CREATE = 1396;

    private final ServerSession session;
    private final Account account;
    private final String password;

    /// @param session an administrator's
    public AgentAccount(ServerSession session, Account account, String password) {
        this.session = session;
        this.account = account;
        this.password = password;
    }

    /// Makes the account, without any privilege, unless there is one.
    ///
    /// @return whether there was none
    /// @throws SourceException also where the password is too weak for the server
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

    /// A look before the attempt, for the server judges the password of an account that exists too.
    private boolean isSeen() {
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

    /// Gives the account another password.
    ///
    /// @throws SourceException also where the password is too weak for the server
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

    /// Adds privileges to those that the account has.
    ///
    /// @param privileges words of the language, never of a request
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
