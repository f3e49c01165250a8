package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;

/// The start of a reader.
public sealed interface BinlogStart {

    /// The number of the server that is read.
    long server();

    /// At a place between two transactions, or at the transaction that contains the place.
    ///
    /// @param file the name of the file with the place's number
    record AtPosition(Place position, String file) implements BinlogStart {
        @Override
        public long server() {
            return position.server();
        }

        /// As [#dumpOffset], in the file.
        BinlogPosition dumpPosition() {
            return new BinlogPosition(file, dumpOffset());
        }

        /// The offset at which the server begins to send: before the place, if that proves the
        /// place.
        long dumpOffset() {
            return Math.max(
                    BinlogPosition.FIRST_EVENT, position.offset() - position.evidence().length());
        }
    }

    /// At the first transaction that a set lacks; the server finds it.
    record AfterGtids(long server, GtidSet executed) implements BinlogStart {}

    /// At a transaction that contains a place of another server, without the transactions around
    /// it: on this server, transactions that the place lacks may precede it.
    ///
    /// @param executed the server's set without this transaction
    record RestOf(long server, Place place, Gtid transaction, GtidSet executed)
            implements BinlogStart {}

    /// As the previous two, for MariaDB. A MariaDB server cannot find what a set lacks, so
    /// [GtidSearch] searches its binlog when a reader is opened.
    ///
    /// @param executed the set of the place
    /// @param begun the place from which a single transaction is continued; null for everything
    ///   that the set lacks set lacks
    record SearchGtids(long server, GtidSet executed, @Nullable Place begun)
            implements BinlogStart {}

    /// At a MariaDB transaction that contains a place, without later transactions.
    ///
    /// @param at where the server has it
    /// @param place the place from another server
    record RestAt(AtPosition at, Place place, Gtid transaction) implements BinlogStart {
        @Override
        public long server() {
            return at.server();
        }
    }
}
