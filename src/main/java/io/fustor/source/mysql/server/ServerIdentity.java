package io.fustor.source.mysql.server;

import io.fustor.source.mysql.position.FeedPosition;
import java.util.Locale;

/// Who a server is.
///
/// @param version as the server says it, such as `8.0.31` or `10.11.6-MariaDB-log`
/// @param uuid of the server; where it has none (MariaDB), what stands for it
/// @param gtids whether it gives each transaction a MySQL GTID
public record ServerIdentity(String version, String uuid, boolean gtids) {

    public boolean isMariaDb() {
        return version.toLowerCase(Locale.ROOT).contains("mariadb");
    }

    /// `MySQL` or `MariaDB`.
    public String flavour() {
        return isMariaDb() ? "MariaDB" : "MySQL";
    }

    /// What stands for the server in a [FeedPosition].
    public long number() {
        return FeedPosition.serverNumber(uuid);
    }
}
