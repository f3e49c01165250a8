/// Writes the changes of sources to Apache Kafka, each exactly once. Nothing knows this module but
/// its own configuration: without `fustor.kafka`, no class of it is loaded, nor one of Kafka's.
@ApplicationModule(
        allowedDependencies = {
            "feed",
            "monitoring",
            "source",
            "encode",
            "position",
            "settings",
            "thread",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.kafka;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
