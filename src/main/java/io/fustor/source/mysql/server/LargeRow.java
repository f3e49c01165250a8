package io.fustor.source.mysql.server;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;

/// A row of more than 1 MiB while it is read off the wire, into an array of its own once the
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

    /// @param input stands behind the beginning of the row
    /// @param row knows the row's columns
    LargeRow(PacketInput input, ResultRow row, MemoryBudget budget) throws IOException {
        this.input = input;
        this.row = row;
        this.beginning = Arrays.copyOfRange(input.array(), input.from(), input.to());
        // A row that the protocol cuts into parts is as long as what its cells say of their
        // lengths.
        long certain = beginning.length + (long) input.more();
        long told = input.isInLastPart() ? certain : row.atLeast(beginning, 0, beginning.length);
        this.expected = Math.toIntExact(Math.max(certain, told));
        this.claim = budget.claim(expected);
    }

    /// Reads on; waits for about a second, for room or for the server.
    ///
    /// @return whether the row is there
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

    private int grown(int more) {
        return Math.toIntExact(Math.max(row.atLeast(bytes, 0, length), (long) length + more));
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
