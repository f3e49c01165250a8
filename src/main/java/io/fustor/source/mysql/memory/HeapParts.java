package io.fustor.source.mysql.memory;

/// How the heap is divided. The data of servers and the number of clients use the heap within these
/// limits, so that all of it fits together with the service itself. Decision 0021 has the figures.
public final class HeapParts {

    /// The idle service, and room for small things that are limited by number only.
    private static final long SERVICE = 52L * 1024 * 1024;

    private static final long REST =
            Math.max(Runtime.getRuntime().maxMemory() - SERVICE, SERVICE / 4);

    /// For subscribers, snapshots and catch-ups, in bytes. Large events may use the rest of it.
    public static final long CLIENTS = REST / 3 * 2;

    /// For clients, large events and answers together, in bytes: everything except the windows.
    public static final long SHARED = REST - REST / 5;

    /// For large events and rows that are read for catch-up and snapshots, in bytes.
    public static final long LARGE_EVENTS = REST / 5 * 2;

    /// For all live windows, in bytes.
    public static final long WINDOWS = REST / 5;

    /// For all answers of servers that are in memory at a time, in bytes.
    public static final long ANSWERS = REST / 5;

    /// For one event or row that is held while no other is, in bytes.
    public static final long LARGEST_EVENT = Math.min(REST / 4 * 3, Integer.MAX_VALUE - 8);

    /// For one event that is held without waiting for room, such as a statement, in bytes.
    public static final long LARGEST_STATEMENT = REST / 16;

    /// For the table maps of one stream, in bytes.
    public static final long TABLE_MAPS = Math.min(REST / 64, 16L * 1024 * 1024);

    /// For the frames of catch-ups that are kept for other subscribers, in bytes.
    public static final long STRETCHES = Math.min(REST / 16, 64L * 1024 * 1024);

    private HeapParts() {}
}
