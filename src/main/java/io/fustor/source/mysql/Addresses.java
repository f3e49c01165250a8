package io.fustor.source.mysql;

import java.net.InetAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;

/// The addresses of a started service.
///
/// @param service without a path, such as `http://0.0.0.0:8080`
/// @param console address of the console as this machine's browser reaches it
/// @param liveness address of the liveness endpoint as this machine reaches it, even if Actuator
///   has its own port, path or TLS; null if it is disabled
record Addresses(URI console, URI service, @Nullable URI liveness) {

    private static final String LOOPBACK = "127.0.0.1";

    /// The addresses of a ready service.
    static Addresses of(ApplicationContext context) {
        Environment environment = context.getEnvironment();
        ServerProperties server = context.getBean(ServerProperties.class);
        String path = text(server.getServlet().getContextPath());
        int port = environment.getRequiredProperty("local.server.port", Integer.class);
        String scheme = scheme(server.getSsl());
        return new Addresses(
                URI.create(
                        base(scheme, host(server.getAddress(), LOOPBACK), port, path)
                                + "/console/"),
                URI.create(base(scheme, host(server.getAddress(), "0.0.0.0"), port, path)),
                switch (ManagementPortType.get(environment)) {
                    case DISABLED -> null;
                    case SAME -> liveness(context, scheme, server.getAddress(), port, path);
                    case DIFFERENT -> livenessOfItsOwnPort(context);
                });
    }

    private static @Nullable URI livenessOfItsOwnPort(ApplicationContext context) {
        ManagementServerProperties management = context.getBean(ManagementServerProperties.class);
        return liveness(
                context,
                scheme(management.getSsl()),
                management.getAddress(),
                context.getEnvironment()
                        .getRequiredProperty("local.management.port", Integer.class),
                text(management.getBasePath()));
    }

    private static @Nullable URI liveness(
            ApplicationContext context,
            String scheme,
            @Nullable InetAddress address,
            int port,
            String path) {
        // Null if it is disabled.
        String health = context.getBean(PathMappedEndpoints.class).getPath(EndpointId.of("health"));
        return health == null
                ? null
                : URI.create(
                        base(scheme, host(address, LOOPBACK), port, path + health + "/liveness"));
    }

    private static String base(String scheme, String host, int port, String path) {
        return scheme + "://" + host + ":" + port + path;
    }

    private static String scheme(@Nullable Ssl ssl) {
        return Ssl.isEnabled(ssl) ? "https" : "http";
    }

    private static String host(@Nullable InetAddress address, String any) {
        if (address == null || address.isAnyLocalAddress()) {
            return any;
        }
        String text = address.getHostAddress();
        return text.contains(":") ? "[" + text + "]" : text;
    }

    private static String text(@Nullable String path) {
        return path == null ? "" : path;
    }
}
