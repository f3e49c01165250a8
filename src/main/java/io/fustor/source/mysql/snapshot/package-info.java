/// A consistent read of tables, tied to one position of the binlog.
@ApplicationModule(
        allowedDependencies = {
            "condition",
            "server",
            "connection",
            "memory",
            "schema",
            "charset",
            "position",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.snapshot;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
