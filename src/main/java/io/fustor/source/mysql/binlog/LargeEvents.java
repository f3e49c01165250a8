package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.MemoryBudget;

/// Which events a reader holds, and for how long. It matters for those of more than 1 MiB
/// ([PacketInput#LARGEST_WHOLE]): rows events that it does not hold are passed over, so that they
/// take no memory.
public sealed interface LargeEvents {

    /// All events stay valid for good, but for rows events of more than `most` bytes, which are not
    /// held. Such a reader waits for nobody.
    record Shared(long most) implements LargeEvents {}

    /// An event is valid until the next one is asked for. Memory for a large one is claimed before
    /// it is read, and given back then; one that nobody wants is not held.
    record OneByOne(MemoryBudget budget, Wanted wanted) implements LargeEvents {}

    /// An event is valid until the next one is asked for, and large ones are never held.
    record HeadsOnly() implements LargeEvents {}

    /// Says whose rows are of use.
    interface Wanted {
        boolean test(Operation operation, TableSchema table);
    }

    /// Holds every event.
    static LargeEvents all(boolean forGood) {
        return forGood
                ? new Shared(Long.MAX_VALUE)
                : new OneByOne(MemoryBudget.OF_HEAP, (_, _) -> true);
    }

    /// Whether events stay valid for good.
    default boolean isForGood() {
        return this instanceof Shared;
    }

    /// Whether the reader holds a rows event.
    ///
    /// @param size of the event in bytes
    default boolean holds(long size, Operation operation, TableSchema table) {
        return switch (this) {
            case Shared(long most) -> size <= most;
            case OneByOne(_, Wanted wanted) -> wanted.test(operation, table);
            case HeadsOnly _ -> false;
        };
    }
}
