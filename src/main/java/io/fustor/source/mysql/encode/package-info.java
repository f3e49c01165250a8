/// Encodes a change or a result row as the exact bytes of one event. Each column has one codec,
/// chosen once, which writes JSON directly from a row image's bytes.
///
/// May use `condition`, `change`, `schema`, `position` and `error`.
@ApplicationModule(
        allowedDependencies = {"condition", "change", "schema", "charset", "position", "error"})
@NullMarked
package io.fustor.source.mysql.encode;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
