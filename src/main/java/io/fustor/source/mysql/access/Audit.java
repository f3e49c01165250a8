package io.fustor.source.mysql.access;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One line in the log `audit` for each change and each refused attempt: caller, action, target,
/// address, result. Never a body, a token or a query. A refusal costs its caller nothing, so only
/// some a minute are written, and then the number of the others.
final class Audit {

    private static final Logger LOG = LoggerFactory.getLogger("audit");
    private static final int REFUSALS_A_MINUTE = 60;
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private long minuteBegan = System.nanoTime();
    private int refusals;
    private final AtomicLong unwritten = new AtomicLong();

    /// @param caller a token's name
    /// @param target what was changed, such as a source's id
    record Line(String caller, String action, String target, String from, int status) {}

    void changed(Line line, String outcome) {
        LOG.info(
                "action={} caller={} target={} from={} status={} outcome={}",
                line.action,
                line.caller,
                line.target,
                line.from,
                line.status,
                outcome);
    }

    void refused(Line line) {
        if (!mayWrite()) {
            unwritten.incrementAndGet();
            return;
        }
        LOG.warn(
                "action={} caller={} target={} from={} status={} outcome=refused unwritten={}",
                line.action,
                line.caller,
                line.target,
                line.from,
                line.status,
                unwritten.getAndSet(0));
    }

    private synchronized boolean mayWrite() {
        long now = System.nanoTime();
        if (now - minuteBegan > MINUTE) {
            minuteBegan = now;
            refusals = 0;
        }
        return refusals++ < REFUSALS_A_MINUTE;
    }
}
