/// The demo, `./mvnw spring-boot:test-run`: a small shop in a real MySQL with a little traffic, and
/// the service that captures it. It knows the service by its properties and addresses only.
@NullMarked
package io.fustor.source.mysql.demo;

import org.jspecify.annotations.NullMarked;
