/// A table's structure at one position (names, column types, keys), and the part of it that a
/// subscriber selects.
@ApplicationModule(allowedDependencies = {"charset", "error"})
@NullMarked
package io.fustor.source.mysql.schema;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
