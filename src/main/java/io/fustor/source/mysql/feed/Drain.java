package io.fustor.source.mysql.feed;

import java.time.Duration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// Ends the streams one after the other when the service stops, over the time of
/// `fustor.web.drain`. Readiness is down by then, and everything else still runs: grants end,
/// leases are renewed, and a proxy leads the clients that return to other instances.
@Component
class Drain implements ApplicationListener<ContextClosedEvent>, Ordered {

    private final Subscriptions subscriptions;
    private final Duration time;

    Drain(Subscriptions subscriptions, Environment environment) {
        this.subscriptions = subscriptions;
        this.time = environment.getProperty("fustor.web.drain", Duration.class, Duration.ZERO);
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        boolean isOfService = event.getApplicationContext().getParent() == null;
        if (isOfService && time.isPositive()) {
            subscriptions.drain(time);
        }
    }

    /// Before the tasks of the service end, and after what is handed over to another instance.
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 1;
    }
}
