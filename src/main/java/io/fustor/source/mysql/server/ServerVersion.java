package io.fustor.source.mysql.server;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server's version, and whether it is a MariaDB.
///
/// @param text as the server prints it, such as `8.0.31` or `10.11.6-MariaDB-log`
public record ServerVersion(String text) {

    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

    public boolean isMariaDb() {
        return text.toLowerCase(Locale.ROOT).contains("mariadb");
    }

    /// The version as MySQL's version comments have it: 80031 for 8.0.31; 0 if it is not known.
    public int number() {
        Matcher numbers = NUMBERS.matcher(text);
        return numbers.matches()
                ? number(
                        Integer.parseInt(numbers.group(1)),
                        Integer.parseInt(numbers.group(2)),
                        Integer.parseInt(numbers.group(3)))
                : 0;
    }

    private static int number(int major, int minor, int patch) {
        return major * 10_000 + minor * 100 + patch;
    }

    /// Whether this is MySQL of a version or later.
    public boolean isMySqlSince(int major, int minor, int patch) {
        return !isMariaDb() && number() >= number(major, minor, patch);
    }

    /// `MySQL` or `MariaDB`.
    public String flavour() {
        return isMariaDb() ? "MariaDB" : "MySQL";
    }

    /// The query for the server's uuid. A MariaDB has none: `mariadb:` and its `server_id` stand
    /// for it.
    public String uuidQuery() {
        return isMariaDb()
                ? "SELECT CONCAT('mariadb:', @@global.server_id)"
                : "SELECT @@global.server_uuid";
    }
}
