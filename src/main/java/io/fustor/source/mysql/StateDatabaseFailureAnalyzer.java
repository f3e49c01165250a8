package io.fustor.source.mysql;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Reports an unusable state database at startup with a sentence instead of a stack trace.
class StateDatabaseFailureAnalyzer extends AbstractFailureAnalyzer<SQLException> {

    /// H2: another process has the file open.
    private static final int IN_USE = 90020;

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, SQLException cause) {
        return cause.getErrorCode() == IN_USE
                ? new FailureAnalysis(
                        "Another process, probably another instance of the service, uses the"
                                + " database in fustor.data-dir.",
                        "End that process, set another folder for this one, or let both share a"
                                + " database with spring.datasource.url.",
                        rootFailure)
                : new FailureAnalysis(
                        "The state database cannot be used: " + cause.getMessage(),
                        "Check spring.datasource.url, its user and password, or the files in"
                                + " fustor.data-dir.",
                        rootFailure);
    }
}
