/// Everything that can fail between this service and a MySQL server, by code, and the right
/// reaction to each failure.
///
/// Every other module may use this one; it uses none. Driver errors are translated once, where they
/// are caught, by error number and SQL state.
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.fustor.source.mysql.error;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
