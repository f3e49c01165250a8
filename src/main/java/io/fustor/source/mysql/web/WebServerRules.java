package io.fustor.source.mysql.web;

import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.filter.UrlHandlerFilter;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// Configures what the web server does before a controller sees a request.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebProperties.class)
class WebServerRules implements WebMvcConfigurer {

    /// All bodies are JSON. A library of the OpenAPI document includes a YAML parser, which Spring
    /// would otherwise offer for every body.
    @Override
    public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
        builder.configureMessageConvertersList(
                converters ->
                        converters.removeIf(
                                converter ->
                                        converter
                                                .getSupportedMediaTypes()
                                                .contains(MediaType.APPLICATION_YAML)));
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new QueryParameters());
    }

    /// Streams use at most `fustor.feed.max-subscribers` connections; the others remain for health
    /// and the API.
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> guardedConnections(
            WebProperties properties, Environment environment) {
        return guarded(properties, environment);
    }

    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> guarded(
            WebProperties properties, Environment environment) {
        Descriptors descriptors = Descriptors.of(environment);
        return factory -> {
            factory.setProtocol(GuardedProtocol.class.getName());
            factory.addConnectorCustomizers(
                    connector -> {
                        if (connector.getProtocolHandler() instanceof GuardedProtocol guarded) {
                            guarded.limit(properties);
                            int wanted =
                                    Descriptors.wanted(
                                            guarded.getMaxConnections(), properties, environment);
                            HeapConnections memory = HeapConnections.ofProcess();
                            int most = memory.all(descriptors.clients(wanted));
                            guarded.setMaxConnections(most);
                            guarded.limitRequests(memory.requests(most));
                        }
                    });
        };
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemsOfTheServer() {
        return WebServerRules::answerWithProblems;
    }

    static void answerWithProblems(TomcatServletWebServerFactory factory) {
        factory.addContextCustomizers(
                context -> {
                    if (context.getParent() instanceof StandardHost host) {
                        host.setErrorReportValveClass(ProblemReportValve.class.getName());
                    }
                });
    }

    /// Streams have ended when the web server closes. A remaining stream has a client that does not
    /// read. Waiting for it, two seconds by default, would only delay the exit.
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> noWaitForStalledClients() {
        return factory ->
                factory.addContextCustomizers(
                        context -> {
                            if (context instanceof StandardContext standard) {
                                standard.setUnloadDelay(100);
                            }
                        });
    }

    /// Streams write in large pieces. By default, each connection writes through its own heap
    /// buffer of 8 KiB, and each system call copies the data once more.
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> largeWrites() {
        return factory ->
                factory.addConnectorCustomizers(
                        connector -> {
                            connector.setProperty("socket.appWriteBufSize", "32768");
                            connector.setProperty("socket.directBuffer", "true");
                        });
    }

    /// Treats both spellings of a path as the same path, without a redirect. It runs before the
    /// security rules, so that these see one spelling.
    @Bean
    FilterRegistrationBean<UrlHandlerFilter> trailingSlashes() {
        FilterRegistrationBean<UrlHandlerFilter> registration =
                new FilterRegistrationBean<>(
                        UrlHandlerFilter.trailingSlashHandler("/api/**").wrapRequest().build());
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 5);
        return registration;
    }
}
