package io.fustor.source.mysql.web;

import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
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
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/// What the web server does before any controller sees a request.
@Configuration(proxyBeanMethods = false)
class WebServerRules implements WebMvcConfigurer {

    /// Everything is JSON. A library of the interface's documents brings a reader of YAML along,
    /// which Spring would offer for every body.
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

    /// Streams take `fustor.feed.max-subscribers` connections at most; others stay for health and
    /// the API.
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> guardedConnections(
            WebProperties properties, Environment environment) {
        return guarded(properties, environment);
    }

    static WebServerFactoryCustomizer<TomcatServletWebServerFactory> guarded(
            WebProperties properties, Environment environment) {
        int subscribers =
                environment.getProperty("fustor.feed.max-subscribers", Integer.class, 5000);
        int least = subscribers + properties.reservedConnections();
        return factory -> {
            factory.setProtocol(GuardedProtocol.class.getName());
            factory.addConnectorCustomizers(
                    connector -> {
                        if (connector.getProtocolHandler() instanceof GuardedProtocol guarded) {
                            guarded.limit(properties);
                            guarded.setMaxConnections(Math.max(guarded.getMaxConnections(), least));
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

    /// Streams have said goodbye by the time the web server closes. Who is still in one is held by
    /// a client that does not read; waiting for it, two seconds by default, would only delay the
    /// exit.
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

    /// Streams write in large pieces. What a connection writes passes through a buffer of its own,
    /// of 8 KiB by default and on the heap, from where each system call copies it once more.
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> largeWrites() {
        return factory ->
                factory.addConnectorCustomizers(
                        connector -> {
                            connector.setProperty("socket.appWriteBufSize", "32768");
                            connector.setProperty("socket.directBuffer", "true");
                        });
    }

    /// Both spellings of a path are the same path, without a redirect; before the security rules,
    /// so that these see one spelling.
    @Bean
    FilterRegistrationBean<UrlHandlerFilter> trailingSlashes() {
        FilterRegistrationBean<UrlHandlerFilter> registration =
                new FilterRegistrationBean<>(
                        UrlHandlerFilter.trailingSlashHandler("/api/**").wrapRequest().build());
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 5);
        return registration;
    }
}
