@NullMarked
package io.fustor.source.mysql.source;

import org.jspecify.annotations.NullMarked;
