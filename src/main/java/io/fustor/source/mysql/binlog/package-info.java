/// Follows the replication stream of a server from a position. Only this module uses the connector
/// library.
@ApplicationModule(
        allowedDependencies = {
            "server",
            "connection",
            "memory",
            "thread",
            "change",
            "schema",
            "charset",
            "position",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.binlog;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
