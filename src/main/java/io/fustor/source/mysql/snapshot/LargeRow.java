package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.memory.MemoryBudget;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/// Reads a row of more than 1 MiB from the network, into an array of its own once the
/// [MemoryBudget] has room for it. For one thread.
final class LargeRow implements AutoCloseable {

    private static final Duration TICK = Duration.ofSeconds(1);

    private final PacketInput input;
    private final ResultRow row;
    private final MemoryBudget.Claim claim;
    private final byte[] beginning;
    private final int expected;

    private byte[] bytes = {};
    private int length;

    /// @param input after the beginning of the row
    /// @param row has the row's columns
    LargeRow(PacketInput input, ResultRow row, MemoryBudget budget) throws IOException {
        this.input = input;
        this.row = row;
        this.beginning = Arrays.copyOfRange(input.array(), input.from(), input.to());
        // The length of a row that the protocol splits follows from the lengths of its cells.
        long certain = beginning.length + (long) input.more();
        long told = input.isInLastPart() ? certain : row.atLeast(beginning, 0, beginning.length);
        long length = Math.max(certain, told);
        this.claim = budget.claim(length);
        this.expected = (int) length; // no claim is larger than an array
    }

    /// Continues to read; waits about a second for room or for the server.
    ///
    /// @return whether the row is complete
    boolean readOn() throws IOException {
        if (!claim.await(TICK)) {
            return false;
        }
        if (length == 0) {
            bytes = Arrays.copyOf(beginning, expected);
            length = beginning.length;
        }
        while (true) {
            int more = input.more();
            if (more <= 0) {
                return more == 0;
            }
            if (more > bytes.length - length) {
                bytes = Arrays.copyOf(bytes, grown(more));
            }
            length += input.read(bytes, length, more);
        }
    }

    /// The length of the row as far as its parts show it, with room for it.
    private int grown(int more) {
        long grown = Math.max(row.atLeast(bytes, 0, length), (long) length + more);
        claim.grow(grown);
        return (int) grown; // no claim is larger than an array
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    boolean isOverdue() {
        return claim.isOverdue();
    }

    /// Gives the memory back.
    @Override
    public void close() {
        claim.close();
    }
}
