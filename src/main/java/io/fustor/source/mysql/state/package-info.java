/// The state database as a whole: opening the embedded file or refusing it, keeping backups of it
/// and taking one back, writing so that nothing counts as stored that is not, and saying when it
/// cannot be used. Which tables there are, and what stands in them, is the business of the modules
/// that own them.
@ApplicationModule(allowedDependencies = "error")
@NullMarked
package io.fustor.source.mysql.state;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
