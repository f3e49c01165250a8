/// Compresses streams in pieces that stand alone, so that a connection has no compressor of its own
/// and subscribers share what one of them compressed.
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.fustor.source.mysql.compression;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
