package io.fustor.source.mysql.state;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Reports a start that fails because of the state database.
class BrokenStateFailureAnalyzer extends AbstractFailureAnalyzer<BrokenStateException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, BrokenStateException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.remedy(), rootFailure);
    }
}
