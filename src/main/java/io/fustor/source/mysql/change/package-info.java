/// The events of a binlog that matter to a feed: rows as received, commits, statements that change
/// tables. A rows event keeps its undecoded bytes; its user decodes what it needs.
@ApplicationModule(allowedDependencies = {"schema", "position", "error"})
@NullMarked
package io.fustor.source.mysql.change;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
