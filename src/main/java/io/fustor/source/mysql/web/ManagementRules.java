package io.fustor.source.mysql.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponse;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/// The rules for Actuator on a separate `management.server.port`: the same limits and responses as
/// on the main port. Spring Boot applies the same security rules. Actuator instantiates it by name.
/// It is not a component, because the main port would otherwise apply everything twice.
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class ManagementRules {

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> guardedManagement(
            WebProperties properties, Environment environment) {
        return WebServerRules.guarded(properties, environment);
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsOfManagement() {
        return WebServerRules::answerWithProblems;
    }

    @Bean
    FilterRegistrationBean<BodyLimitFilter> managementBodies() {
        return first(new BodyLimitFilter(), 10);
    }

    @Bean
    FilterRegistrationBean<BareStatusFilter> managementStatuses() {
        return first(new BareStatusFilter(), 0);
    }

    private static <T extends jakarta.servlet.Filter> FilterRegistrationBean<T> first(
            T filter, int place) {
        FilterRegistrationBean<T> registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + place);
        return registration;
    }

    @Bean
    HandlerExceptionResolver managementProblems() {
        return (request, response, _, failure) -> {
            if (!(failure instanceof ErrorResponse refused)) {
                return null;
            }
            HttpStatus status = HttpStatus.valueOf(refused.getStatusCode().value());
            try {
                Problems.write(request, response, Problems.of(status));
                return new ModelAndView();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }
}
