/// Turns MySQL servers into change feeds over Server-Sent Events. This package contains the
/// application class; each subpackage is one module.
@NullMarked
package io.fustor.source.mysql;

import org.jspecify.annotations.NullMarked;
