/// Monitoring for operators: state and warnings of each source, health, meters, and running
/// pipelines in Fustor's terms.
@ApplicationModule(
        allowedDependencies = {
            "feed",
            "checkpoint",
            "source",
            "capture",
            "binlog",
            "encode",
            "change",
            "condition",
            "server",
            "thread",
            "schema",
            "position",
            "settings",
            "grant",
            "instance",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.monitoring;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
