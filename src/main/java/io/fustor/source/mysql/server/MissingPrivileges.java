package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.List;

/// All the privileges that a user lacks, with the one statement that grants them. A server names
/// them one by one, and names `SUPER` where a smaller privilege would do.
///
/// @param privileges the names of the privileges
public record MissingPrivileges(Account account, List<String> privileges) {

    /// The privileges that a source needs on the whole server; `SELECT` may also be granted by
    /// table.
    public static final List<String> NEEDED =
            List.of("SELECT", "REPLICATION SLAVE", "REPLICATION CLIENT");

    private static final Duration LONGEST = Duration.ofSeconds(5);

    /// The statement, without a terminator.
    public String grant() {
        return "GRANT " + String.join(", ", privileges) + " ON *.* TO " + account;
    }

    /// Completes the failure of a source's user that lacks a privilege with all that it lacks.
    /// Queries the server over a connection of its own.
    ///
    /// @return the failure itself if the server does not answer, or if the user lacks none of the
    ///   privileges that a source needs
    public static SourceException all(SourceException failure, ServerAccess access) {
        if (failure.code() != FailureCode.PRIVILEGE_MISSING) {
            return failure;
        }
        try (ServerSession session = ServerSession.openWithin(access, LONGEST)) {
            Grants grants = Grants.read(session);
            List<String> privileges =
                    NEEDED.stream().filter(privilege -> !isGranted(privilege, grants)).toList();
            MissingPrivileges missing = new MissingPrivileges(Account.of(session), privileges);
            return privileges.isEmpty() ? failure : missing.at(access.address(), failure);
        } catch (SourceException _) {
            return failure;
        }
    }

    private static boolean isGranted(String privilege, Grants grants) {
        return switch (privilege) {
            case "REPLICATION SLAVE" -> grants.mayReplicate();
            case "REPLICATION CLIENT" -> grants.maySeePositions();
            default -> !grants.selectable().isEmpty();
        };
    }

    private SourceException at(ServerAddress address, SourceException cause) {
        return new SourceException(
                FailureCode.PRIVILEGE_MISSING,
                "the user "
                        + account
                        + " lacks "
                        + String.join(", ", privileges)
                        + " at "
                        + address
                        + ": "
                        + grant(),
                cause);
    }
}
