package io.fustor.source.mysql.monitoring;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointWebExtension;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.stereotype.Component;

/// Health at paths that lead nowhere: 404. Spring Boot's own extension fails for a path of two
/// names or more below a component that does not exist.
@Component
@EndpointWebExtension(endpoint = HealthEndpoint.class)
class HealthPaths extends HealthEndpointWebExtension {

    private final HealthContributorRegistry components;
    private final HealthEndpointGroups groups;

    HealthPaths(HealthContributorRegistry components, HealthEndpointGroups groups) {
        super(components, null, groups, null);
        this.components = components;
        this.groups = groups;
    }

    @Override
    public WebEndpointResponse<HealthDescriptor> health(
            ApiVersion version,
            @Nullable WebServerNamespace namespace,
            SecurityContext security,
            boolean showAll,
            String... path) {
        return leadsNowhere(path)
                ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                : super.health(version, namespace, security, showAll, path);
    }

    private boolean leadsNowhere(String... path) {
        HealthContributors parent = components;
        int first = path.length > 0 && groups.get(path[0]) != null ? 1 : 0;
        for (int at = first; at < path.length - 1; at++) {
            if (!(parent.getContributor(path[at]) instanceof HealthContributors children)) {
                return true;
            }
            parent = children;
        }
        return false;
    }
}
