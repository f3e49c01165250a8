/// Rules for every HTTP response, from any module: problem bodies, limits of requests and
/// connections, headers.
@ApplicationModule(allowedDependencies = {"grant", "thread", "settings", "error"})
@NullMarked
package io.fustor.source.mysql.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
