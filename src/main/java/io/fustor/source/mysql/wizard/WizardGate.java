package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/// Limits the number of concurrent wizard actions and refuses further ones. Each action holds
/// connections to a server that its caller chooses.
@Component
class WizardGate {

    static final int AT_A_TIME = 4;

    private final Semaphore places = new Semaphore(AT_A_TIME);

    <T> T pass(Supplier<T> action) {
        if (!places.tryAcquire()) {
            throw RequestException.later(
                    RequestCode.TOO_MANY_REQUESTS, Duration.ofSeconds(2), "wizard.busy", AT_A_TIME);
        }
        try {
            return action.get();
        } finally {
            places.release();
        }
    }
}
