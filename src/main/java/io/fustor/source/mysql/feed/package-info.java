/// Subscriptions: a request becomes a sequential program that catches up, goes live and writes to
/// its own client; heartbeats; checkpoints of consumers; what there is to see of a source.
@ApplicationModule(
        allowedDependencies = {
            "source",
            "capture",
            "binlog",
            "encode",
            "snapshot",
            "server",
            "change",
            "schema",
            "position",
            "state",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.feed;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
