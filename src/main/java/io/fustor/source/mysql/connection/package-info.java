/// SQL and packet connections to a MySQL server: addresses and which of them are allowed, TLS, time
/// limits of a login, packets from a socket, limits for answers, and error numbers as failures.
/// Connections are built from host, port and a fixed set of driver properties, never from the text
/// of a request. request.
@ApplicationModule(allowedDependencies = {"memory", "thread", "error"})
@NullMarked
package io.fustor.source.mysql.connection;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
