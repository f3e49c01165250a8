/// The demo, `./mvnw -Pdemo spring-boot:test-run`: a small shop in a real MySQL with a little
/// traffic, and the service that captures it. It knows the service by its properties and addresses
/// only. The profile compiles this package and `support` without any other test.
@NullMarked
package io.fustor.source.mysql.demo;

import org.jspecify.annotations.NullMarked;
