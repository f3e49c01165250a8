package io.fustor.source.mysql.state;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Ends a start that the state database hinders with its sentences.
class BrokenStateFailureAnalyzer extends AbstractFailureAnalyzer<BrokenStateException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, BrokenStateException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.remedy(), rootFailure);
    }
}
