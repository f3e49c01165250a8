/// Turns MySQL servers into change feeds over Server-Sent Events: the application class stands
/// here, everything else in one module a package below.
@NullMarked
package io.fustor.source.mysql;

import org.jspecify.annotations.NullMarked;
