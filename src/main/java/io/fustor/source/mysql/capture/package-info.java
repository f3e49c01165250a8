/// Captures: all sources with the same address and credential share one. It contains the reader,
/// the live window, the readers that catch up, and reconnecting.
@ApplicationModule(
        allowedDependencies = {
            "snapshot",
            "binlog",
            "compression",
            "server",
            "schemahistory",
            "connection",
            "memory",
            "instance",
            "thread",
            "change",
            "schema",
            "position",
            "settings",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.capture;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
