/// The state database as a whole: opening or refusing the embedded file, backups and restore,
/// writes that are durable before they count as stored, and its health. The modules that own the
/// tables define their structure and contents.
@ApplicationModule(allowedDependencies = "error")
@NullMarked
package io.fustor.source.mysql.state;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
