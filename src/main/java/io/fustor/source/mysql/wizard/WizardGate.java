package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.RequestException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/// Lets few actions of the wizard run at a time, and turns further ones away: each holds
/// connections to a server that anybody who may call the wizard chooses.
@Component
class WizardGate {

    static final int AT_A_TIME = 4;

    private final Semaphore places = new Semaphore(AT_A_TIME);

    <T> T pass(Supplier<T> action) {
        if (!places.tryAcquire()) {
            throw RequestException.tooMany(
                    "The wizard is busy with "
                            + AT_A_TIME
                            + " other requests; try again in a moment.",
                    Duration.ofSeconds(2));
        }
        try {
            return action.get();
        } finally {
            places.release();
        }
    }
}
