/// The instances of the service that share a state database: who is alive, how they share budgets,
/// what they tell each other. An instance with an embedded database is always alone.
@ApplicationModule(allowedDependencies = {"state", "thread", "error"})
@NullMarked
package io.fustor.source.mysql.instance;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
