/// One shared instance: what all sources with the same address and credential read of one MySQL
/// server. Its reader, its live window, the readers that catch up, and reconnecting.
@ApplicationModule(
        allowedDependencies = {
            "binlog",
            "history",
            "snapshot",
            "server",
            "change",
            "schema",
            "position",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.capture;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
