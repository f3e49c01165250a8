/// The part of HTTP/2 that Tomcat keeps to its own package, opened to [io.fustor.source.mysql.web]:
/// a stream that can be reset, and what happens on a connection. `docs/decisions/0030-http2.md`
/// gives the reason.
@NullMarked
package org.apache.coyote.http2;

import org.jspecify.annotations.NullMarked;
