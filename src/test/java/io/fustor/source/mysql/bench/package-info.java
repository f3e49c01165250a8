/// What the service takes, beside what the same work takes without it: the benchmarks of `./mvnw
/// -Pbench verify`. They are compiled with the tests, so that they keep up with the service, and
/// `BenchmarksIT` runs a short form of some with every build. They know the service by its
/// addresses only.
@NullMarked
package io.fustor.source.mysql.bench;

import org.jspecify.annotations.NullMarked;
