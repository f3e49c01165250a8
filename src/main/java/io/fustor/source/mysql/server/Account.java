package io.fustor.source.mysql.server;

/// A user at the hosts that it may log in from.
///
/// @param host with `%` for any run of characters
public record Account(String user, String host) {

    private static final char CUT = '\uFFFD';

    /// The account that a session got in by, which need not be the one that was meant: the server
    /// takes the first whose host matches.
    public static Account of(ServerSession session) {
        String entered = String.valueOf(session.value("SELECT CURRENT_USER()"));
        int at = entered.lastIndexOf('@');
        String user = entered.substring(0, at);
        // Servers cut the longest names in the middle of a character here, and nowhere else.
        return new Account(
                user.indexOf(CUT) < 0 ? user : session.access().credential().user(),
                entered.substring(at + 1));
    }

    /// Whether both are one to a server, which keeps hosts in lower case.
    public boolean isSameAs(Account other) {
        return user.equals(other.user) && host.equalsIgnoreCase(other.host);
    }

    /// The account as statements name it.
    @Override
    public String toString() {
        return Quoting.literal(user) + "@" + Quoting.literal(host);
    }
}
