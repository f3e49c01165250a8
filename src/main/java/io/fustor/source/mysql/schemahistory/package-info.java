/// The structure of tables at each position of a server's binlog, for binlogs without it
/// (`binlog_row_metadata=MINIMAL`). A stored baseline is advanced by the DDL statements of the
/// binlog and checked against every table map. It never guesses a name.
@ApplicationModule(
        allowedDependencies = {"server", "connection", "state", "schema", "position", "error"})
@NullMarked
package io.fustor.source.mysql.schemahistory;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
