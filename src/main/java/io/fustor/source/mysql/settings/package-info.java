/// Configuration properties that several modules share.
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.fustor.source.mysql.settings;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
