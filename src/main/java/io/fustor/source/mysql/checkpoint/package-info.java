/// Checkpoints: the stored progress of consumers, and the amount of binlog after it.
@ApplicationModule(
        allowedDependencies = {
            "source",
            "capture",
            "server",
            "state",
            "thread",
            "position",
            "settings",
            "grant",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.checkpoint;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
