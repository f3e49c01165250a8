/// The steps to set up a source, and Fustor's API for drivers.
@ApplicationModule(
        allowedDependencies = {
            "source",
            "binlog",
            "server",
            "connection",
            "thread",
            "schema",
            "grant",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.wizard;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
