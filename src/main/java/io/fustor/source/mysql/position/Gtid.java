package io.fustor.source.mysql.position;

/// A global transaction identifier. It identifies a transaction on every server of a replication
/// topology. Its text is the server's own.
public sealed interface Gtid permits MySqlGtid, MariaDbGtid {}
