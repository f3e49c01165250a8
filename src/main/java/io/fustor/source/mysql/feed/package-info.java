/// Subscriptions: each request becomes a sequential program that delivers a snapshot, catches up,
/// goes live and writes to its own client.
@ApplicationModule(
        allowedDependencies = {
            "checkpoint",
            "source",
            "capture",
            "snapshot",
            "binlog",
            "condition",
            "encode",
            "compression",
            "server",
            "connection",
            "memory",
            "instance",
            "thread",
            "change",
            "schema",
            "position",
            "settings",
            "grant",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.feed;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
