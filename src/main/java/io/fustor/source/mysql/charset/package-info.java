/// The server's character sets: how their codes become text, and the collations by number.
@ApplicationModule(allowedDependencies = "error")
@NullMarked
package io.fustor.source.mysql.charset;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
