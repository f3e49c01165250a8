/// What tables looked like at each position of a server's binlog, where the binlog itself does not
/// say it (`binlog_row_metadata=MINIMAL`): a baseline, carried forward by the DDL statements of the
/// binlog, stored, and checked against every table map. It never guesses a name.
///
/// The DDL parser library is seen here only.
@ApplicationModule(allowedDependencies = {"schema", "position", "error"})
@NullMarked
package io.fustor.source.mysql.history;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
