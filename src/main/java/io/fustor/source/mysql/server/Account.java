package io.fustor.source.mysql.server;

/// A user and the hosts from which it may log in.
///
/// @param host with `%` for any sequence of characters
public record Account(String user, String host) {

    private static final char CUT = '\uFFFD';

    /// The account of a session. It may differ from the expected one: the server takes the first
    /// whose host matches.
    public static Account of(ServerSession session) {
        String entered = String.valueOf(session.value("SELECT CURRENT_USER()"));
        int at = entered.lastIndexOf('@');
        String user = entered.substring(0, at);
        // Only here do servers cut the longest names in the middle of a character.
        return new Account(
                user.indexOf(CUT) < 0 ? user : session.access().credential().user(),
                entered.substring(at + 1));
    }

    /// Whether both are the same account to a server, which keeps hosts in lower case.
    public boolean isSameAs(Account other) {
        return user.equals(other.user) && host.equalsIgnoreCase(other.host);
    }

    /// The account as statements name it.
    @Override
    public String toString() {
        return Quoting.literal(user) + "@" + Quoting.literal(host);
    }
}
