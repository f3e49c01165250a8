/// The steps of setting a source up, and Fustor's interface for drivers.
@ApplicationModule(allowedDependencies = {"server", "binlog", "source", "schema", "error"})
@NullMarked
package io.fustor.source.mysql.wizard;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
