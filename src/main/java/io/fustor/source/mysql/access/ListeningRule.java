package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.settings.SecurityProperties;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/// Without tokens, lets the service listen on this machine only: it sets the addresses that are not
/// configured, and stops the start where another one is.
class ListeningRule implements EnvironmentPostProcessor {

    private static final String SERVER = "server";
    private static final String MANAGEMENT = "management.server";

    @Override
    public void postProcessEnvironment(
            ConfigurableEnvironment environment, SpringApplication application) {
        Binder binder = Binder.get(environment);
        SecurityProperties security =
                binder.bindOrCreate("fustor.security", SecurityProperties.class);
        if (security.wantsTokens() || security.open()) {
            return;
        }
        Map<String, Object> addresses = new HashMap<>();
        keepLocal(SERVER, binder, addresses);
        // Setting it where management has no port of its own is an error.
        if (binder.bind(MANAGEMENT + ".port", Integer.class).isBound()) {
            keepLocal(MANAGEMENT, binder, addresses);
        }
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("listeningRule", addresses));
    }

    private static void keepLocal(String prefix, Binder binder, Map<String, Object> addresses) {
        String property = prefix + ".address";
        InetAddress address = binder.bind(property, InetAddress.class).orElse(null);
        if (address == null) {
            addresses.put(property, "127.0.0.1");
        } else if (!address.isLoopbackAddress()) {
            throw new ConfigurationException(
                    "The service does not listen on "
                            + property
                            + "="
                            + address.getHostAddress()
                            + " without tokens: set fustor.security.tokens, or let everybody in"
                            + " with fustor.security.open=true.");
        }
    }
}
