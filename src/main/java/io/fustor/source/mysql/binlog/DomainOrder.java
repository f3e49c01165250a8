package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MariaDbGtid;

/// Checks that each server's numbers increase in each domain of a MariaDB binlog. A place holds
/// only the last number, which represents all earlier ones.
final class DomainOrder {

    private GtidSet read = GtidSet.EMPTY;

    /// Adds what a file's head lists about the files before it.
    void add(GtidSet before) {
        read = read.plus(before);
    }

    /// Adds the next transaction.
    ///
    /// @throws SourceException `UNSUPPORTED_EVENT` if its number does not increase
    void add(MariaDbGtid next) {
        if (read.contains(next)) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "the transaction "
                            + next
                            + " comes after a later one of the same server in the domain "
                            + next.domain()
                            + ", so that no position can tell which of them were read: a session"
                            + " set gtid_seq_no; take a new snapshot from a later position, and"
                            + " set gtid_strict_mode=ON at the server");
        }
        read = read.plus(next);
    }
}
