/// What operators watch: a health component and meters for each source.
@ApplicationModule(
        allowedDependencies = {"feed", "source", "capture", "server", "position", "error"})
@NullMarked
package io.fustor.source.mysql.monitoring;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
