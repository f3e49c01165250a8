/// The configured sources: what each one is, where that is kept, who shares which capture, and
/// starting and stopping. Fustor's interface for configurations and instances is here too.
@ApplicationModule(
        allowedDependencies = {"capture", "server", "schema", "position", "state", "error"})
@NullMarked
package io.fustor.source.mysql.source;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
