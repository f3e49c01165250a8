/// The heap's parts: how much of it clients, large events and answers may take.
@ApplicationModule(allowedDependencies = "error")
@NullMarked
package io.fustor.source.mysql.memory;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
