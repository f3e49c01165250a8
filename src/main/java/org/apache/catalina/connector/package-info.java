/// The buffers of Tomcat's requests, opened to [io.fustor.source.mysql.web].
/// `docs/decisions/0039-streams-leave-the-filters.md` gives the reason.
@NullMarked
package org.apache.catalina.connector;

import org.jspecify.annotations.NullMarked;
