package io.fustor.source.mysql.faults;

import io.fustor.source.mysql.support.KeyChange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// Clients that must have the same changes as the binlog, from one mark of the traffic to the next.
record ComparedClients(List<? extends ReturningClient> all) {

    private static final long LONGEST_WAIT_SECONDS = 300;

    /// Fails unless each client has exactly these changes since the last time.
    ///
    /// @param expected up to a mark, inclusive
    /// @param what happened meanwhile
    void check(List<KeyChange> expected, int mark, String what) throws InterruptedException {
        for (ReturningClient client : all) {
            try {
                KeyChange.assertSameSequence(expected, take(client, mark));
            } catch (AssertionError e) {
                throw new AssertionError(
                        "%s: client %d, failure %s, last refusal %d: %s"
                                .formatted(
                                        what,
                                        all.indexOf(client),
                                        client.failure(),
                                        client.lastRefusal(),
                                        e.getMessage()),
                        e);
            }
        }
    }

    private static List<KeyChange> take(ReturningClient client, int mark)
            throws InterruptedException {
        return takeToMark(client.changes(), mark);
    }

    static List<KeyChange> takeToMark(BlockingQueue<KeyChange> from, int mark)
            throws InterruptedException {
        List<KeyChange> taken = new ArrayList<>();
        while (taken.isEmpty() || !taken.getLast().isMark(mark)) {
            KeyChange next = from.poll(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing after " + taken.size() + " changes");
            }
            taken.add(next);
        }
        return taken;
    }

    /// How often they connected, or tried to.
    int connections() {
        return all.stream().mapToInt(ReturningClient::connections).sum();
    }

    void close() throws InterruptedException {
        all.forEach(ReturningClient::end);
        for (ReturningClient client : all) {
            client.close();
        }
    }
}
