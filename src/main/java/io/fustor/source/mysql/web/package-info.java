/// What is true of every HTTP answer, whichever module gives it: problem bodies for what goes
/// wrong, who may ask for what, how large a body may be, and the documents of the interface.
@ApplicationModule(allowedDependencies = "error")
@NullMarked
package io.fustor.source.mysql.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
