/// Row conditions: which rows of a table a subscriber wants. Reads `where`, binds it to the columns
/// of a table, and judges rows by three-valued logic. How a value stands in a row it is told by
/// those who have rows.
@ApplicationModule(allowedDependencies = {"schema", "charset", "error"})
@NullMarked
package io.fustor.source.mysql.condition;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
