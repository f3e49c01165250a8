package io.fustor.source.mysql.instance;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.stereotype.Component;

/// The health component `instances`: who shares the state database, and whether budgets are shared.
/// Unknown while each instance goes by its own limits.
@Component
class InstancesHealthIndicator implements HealthIndicator {

    private final Membership membership;

    InstancesHealthIndicator(Membership membership) {
        this.membership = membership;
    }

    @Override
    public Health health() {
        Health.Builder health =
                membership.isReachable() ? Health.up() : Health.status(Status.UNKNOWN);
        return health.withDetail("name", membership.name())
                .withDetail("others", membership.others().stream().map(Member::name).toList())
                .withDetail("budgets", budgets())
                .build();
    }

    private String budgets() {
        if (!membership.isShareable()) {
            return "of this instance alone";
        }
        return membership.isReachable() ? "shared" : "local until the state database answers";
    }
}
