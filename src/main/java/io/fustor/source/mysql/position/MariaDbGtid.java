package io.fustor.source.mysql.position;

/// One MariaDB global transaction identifier, `domain-server-number`.
///
/// @param domain the `gtid_domain_id`, 0 to 2^32 - 1
/// @param server the `server_id` of the server where the transaction was first committed, 0 to 2^32
///   \- 1
/// @param number 1 or more; servers count it up in each domain
public record MariaDbGtid(long domain, long server, long number) implements Gtid {

    private static final long LARGEST_ID = 0xFFFF_FFFFL;

    public MariaDbGtid {
        if (domain < 0 || domain > LARGEST_ID || server < 0 || server > LARGEST_ID || number < 1) {
            throw new IllegalArgumentException(
                    "not a GTID of MariaDB: " + domain + "-" + server + "-" + number);
        }
    }

    @Override
    public String toString() {
        return domain + "-" + server + "-" + number;
    }
}
