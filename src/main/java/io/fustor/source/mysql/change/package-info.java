/// What a binlog says, event by event, as far as a feed cares: rows as they came off the wire,
/// commits, statements that change tables. Undecoded: a rows event keeps its bytes until somebody
/// wants them.
@ApplicationModule(allowedDependencies = {"schema", "position", "error"})
@NullMarked
package io.fustor.source.mysql.change;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
