/// Points in a server's binlog: files and offsets, GTIDs and GTID sets, and the tokens for clients.
/// Pure values without I/O.
@ApplicationModule(allowedDependencies = "error")
@NullMarked
package io.fustor.source.mysql.position;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
