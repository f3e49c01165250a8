/// Everything asked of a MySQL server over SQL: who it is, where its binlog stands, what its tables
/// look like. Connections are built from host, port and a fixed set of driver properties, never
/// from text of a request.
@ApplicationModule(allowedDependencies = {"schema", "position", "error"})
@NullMarked
package io.fustor.source.mysql.server;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
