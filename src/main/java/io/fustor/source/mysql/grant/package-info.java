/// What a caller may see: grants, and the sight of one request, by which every controller that
/// shows data of sources goes.
@ApplicationModule(allowedDependencies = {"condition", "schema", "error"})
@NullMarked
package io.fustor.source.mysql.grant;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
