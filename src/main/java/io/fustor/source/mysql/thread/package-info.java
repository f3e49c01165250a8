/// How the service's own threads and periodic tasks run: whatever they throw is contained, counted
/// and reported. No other module starts a thread.
@ApplicationModule(allowedDependencies = "error")
@NullMarked
package io.fustor.source.mysql.thread;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
