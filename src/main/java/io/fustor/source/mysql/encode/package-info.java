/// A change or a result row as the exact bytes of one event: one codec a column type, chosen once
/// per column, writing JSON straight from a row image's bytes.
///
/// May use `change`, `schema`, `position` and `error`.
@ApplicationModule(allowedDependencies = {"change", "schema", "position", "error"})
@NullMarked
package io.fustor.source.mysql.encode;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
