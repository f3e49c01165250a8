/// Who may call what: rules by path, tokens, readers, JWTs and sessions, callers with their roles
/// and grants, and the audit of what they changed.
@ApplicationModule(
        allowedDependencies = {
            "web",
            "checkpoint",
            "grant",
            "state",
            "schema",
            "settings",
            "error"
        })
@NullMarked
package io.fustor.source.mysql.access;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
