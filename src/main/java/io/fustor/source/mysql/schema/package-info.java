/// What a table looks like at one position: names, column types, keys; and which of it a subscriber
/// selected.
@ApplicationModule(allowedDependencies = "error")
@NullMarked
package io.fustor.source.mysql.schema;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
