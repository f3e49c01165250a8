package io.fustor.source.mysql.support;

import io.fustor.source.mysql.thread.Computing;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Gives the tests' process as many carrier threads as the service's own process has, before its
/// first virtual thread starts.
public final class CarrierThreads implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        Computing.prepare();
    }
}
