/// Follow the replication stream of a server from a position. The connector library is seen here
/// only.
@ApplicationModule(allowedDependencies = {"server", "change", "schema", "position", "error"})
@NullMarked
package io.fustor.source.mysql.binlog;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
