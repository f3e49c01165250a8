/// The console: its texts and its address. The pages themselves are static files; what they show
/// comes from the API of the other modules.
@ApplicationModule(allowedDependencies = {"error"})
@NullMarked
package io.fustor.source.mysql.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
