package io.fustor.source.mysql.position;

/// An immutable set of GTIDs: the transactions before a place, or those that a server has. All are
/// of one kind, MySQL's or MariaDB's. Sets of different kinds never share a GTID.
public sealed interface GtidSet permits MySqlGtidSet, MariaDbGtidSet {

    /// The empty set, for both kinds.
    GtidSet EMPTY = MySqlGtidSet.EMPTY;

    /// Parses a server's text form: MySQL's `@@gtid_executed`, or MariaDB's `@@gtid_binlog_state`
    /// or `@@gtid_binlog_pos`. Line feeds and spaces between parts are allowed.
    ///
    /// @throws IllegalArgumentException with a sentence that names the part that is not a GTID
    static GtidSet parse(String text) {
        return MariaDbGtidSet.isOne(text) ? MariaDbGtidSet.parse(text) : MySqlGtidSet.parse(text);
    }

    boolean isEmpty();

    /// Whether the GTID is known to be in the set.
    boolean contains(Gtid gtid);

    /// Whether a reader that has the transactions of the set also has this one, on any server of
    /// the topology. For MySQL that is [#contains]. MariaDB's sets also cover the transactions
    /// before them in their domain.
    boolean covers(Gtid gtid);

    /// Whether this set covers every transaction of another set.
    boolean covers(GtidSet other);

    /// Whether a server that has `other` has all transactions of this set.
    boolean isSubsetOf(GtidSet other);

    /// Whether the two sets have transactions in common.
    boolean intersects(GtidSet other);

    /// The part of this set whose origins occur in another set.
    GtidSet ofOrigins(GtidSet other);

    GtidSet plus(Gtid gtid);

    /// The GTIDs of both sets together.
    GtidSet plus(GtidSet other);

    /// How many GTIDs of this set are missing in `other`.
    long countMissingIn(GtidSet other);
}
