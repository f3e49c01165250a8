/// The configured sources: their configuration and its storage, shared captures, and starting and
/// stopping. It also contains Fustor's API for configurations.
@ApplicationModule(
        allowedDependencies = {
            "capture",
            "encode",
            "server",
            "connection",
            "grant",
            "instance",
            "schema",
            "settings",
            "state",
            "thread",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.source;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
