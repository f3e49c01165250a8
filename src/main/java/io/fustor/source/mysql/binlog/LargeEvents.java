package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.memory.MemoryBudget;
import io.fustor.source.mysql.schema.TableSchema;

/// Which events a reader holds, and for how long. This concerns events of more than 1 MiB
/// ([PacketInput#LARGEST_WHOLE]): the reader skips rows events that it does not hold, so that they
/// take no memory.
public sealed interface LargeEvents {

    /// All events stay valid permanently, but rows events of more than `most` bytes are not held.
    /// Such a reader never waits for memory.
    record Shared(long most) implements LargeEvents {}

    /// An event is valid until the next one is requested. Memory for a large event is claimed
    /// before it is read and given back after that; an unwanted event is not held.
    record OneByOne(MemoryBudget budget, Wanted wanted) implements LargeEvents {}

    /// An event is valid until the next one is requested, and large ones are never held.
    record HeadsOnly() implements LargeEvents {}

    /// Tells which tables' rows are needed.
    interface Wanted {
        boolean test(Operation operation, TableSchema table);
    }

    /// Holds every event.
    static LargeEvents all(boolean forGood) {
        return forGood
                ? new Shared(Long.MAX_VALUE)
                : new OneByOne(MemoryBudget.OF_HEAP, (_, _) -> true);
    }

    /// Whether events stay valid permanently.
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
