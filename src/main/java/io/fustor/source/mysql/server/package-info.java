/// All queries to a MySQL server over SQL: its identity, the end of its binlog, the structure of
/// its tables, a user's privileges.
@ApplicationModule(
        allowedDependencies = {"connection", "thread", "schema", "charset", "position", "error"})
@NullMarked
package io.fustor.source.mysql.server;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
