/// Pages: the changes of a source as a chain of HTTP answers that never change, by the read half of
/// the Durable Streams protocol.
@ApplicationModule(
        allowedDependencies = {
            "feed",
            "checkpoint",
            "source",
            "capture",
            "compression",
            "binlog",
            "encode",
            "server",
            "connection",
            "state",
            "thread",
            "change",
            "position",
            "grant",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.page;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
