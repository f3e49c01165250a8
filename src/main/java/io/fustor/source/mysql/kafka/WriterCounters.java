package io.fustor.source.mysql.kafka;

import java.util.concurrent.atomic.LongAdder;

/// What was written of a source since the service started. Any thread may read it.
final class WriterCounters {

    final LongAdder records = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder transactions = new LongAdder();
    final LongAdder commitNanos = new LongAdder();
    final LongAdder takeovers = new LongAdder();
    final LongAdder fenced = new LongAdder();
}
