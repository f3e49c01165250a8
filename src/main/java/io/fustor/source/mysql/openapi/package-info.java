/// The OpenAPI document: what all its operations share.
@ApplicationModule(allowedDependencies = {"access", "grant", "error"})
@NullMarked
package io.fustor.source.mysql.openapi;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
