package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.FrameForm;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/// The forms in use. Subscribers with equal forms share one instance, so that shared frames are
/// found by identity, and they share what they make while they catch up.
@Component
public class FrameForms {

    private final Map<FrameForm, Lease> leases = new HashMap<>();
    private final BufferPool pieces = new BufferPool();

    /// A subscriber's lease of a form.
    public final class Lease implements AutoCloseable {

        private final FrameForm form;
        private final Stretches stretches = new Stretches(pieces);
        private int holders;

        private Lease(FrameForm form) {
            this.form = form;
        }

        public FrameForm form() {
            return form;
        }

        /// What its holders share while they catch up.
        Stretches stretches() {
            return stretches;
        }

        @Override
        public void close() {
            giveBack(this);
        }
    }

    synchronized Lease lease(FrameForm form) {
        Lease lease = leases.computeIfAbsent(form, Lease::new);
        lease.holders++;
        return lease;
    }

    private synchronized void giveBack(Lease lease) {
        if (--lease.holders == 0) {
            leases.remove(lease.form);
        }
    }
}
