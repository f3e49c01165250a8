/// What the tests and the demo stand on: a real MySQL server wherever they run, and the service as
/// a process of its own. Everybody may use it; it knows nothing of the service's modules.
@NullMarked
package io.fustor.source.mysql.support;

import org.jspecify.annotations.NullMarked;
