package io.fustor.source.mysql.web;

import com.sun.management.UnixOperatingSystemMXBean;
import io.fustor.source.mysql.settings.FeedProperties;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;

/// The number of file descriptors that clients may use. Connections to MySQL, the state and the JVM
/// need some too. Without them, the service would appear alive but serve nothing.
///
/// @param limit of the process
/// @param kept for everything except clients
record Descriptors(long limit, long kept) {

    private static final Logger LOG = LoggerFactory.getLogger(Descriptors.class);

    /// Libraries, the state, logs, and some connections of each of a few sources.
    private static final int FILES = 128;

    private static final int OF_A_SOURCE = 4;
    private static final int FEWEST_CLIENTS = 20;

    static Descriptors of(Environment environment) {
        FeedProperties feed = FeedProperties.of(environment);
        long limit =
                ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
                        ? os.getMaxFileDescriptorCount()
                        : Long.MAX_VALUE;
        return new Descriptors(
                limit, FILES + feed.maxCatchUp() + (long) OF_A_SOURCE * feed.maxSnapshots());
    }

    /// The number of client connections, up to the wanted number, that leaves enough descriptors
    /// for the rest.
    int clients(int wanted) {
        String shortage = shortage(wanted);
        if (shortage != null) {
            LOG.warn("{}", shortage);
        }
        return most(wanted);
    }

    private int most(int wanted) {
        long most = Math.max(FEWEST_CLIENTS, Math.max(limit - kept, limit / 2));
        return (int) Math.min(wanted, most);
    }

    /// The problem with the limit and its remedy; null if the limit is high enough.
    ///
    /// @param wanted number of client connections
    @Nullable String shortage(int wanted) {
        int most = most(wanted);
        return wanted <= most
                ? null
                : ("descriptors=%d are too few for %d connections of clients and %d for the rest:"
                                + " clients get %d; raise the limit (ulimit -n, LimitNOFILE) to %d")
                        .formatted(limit, wanted, kept, most, wanted + kept);
    }

    /// The number of client connections that a configuration requires.
    ///
    /// @param connections as configured for the web server
    static int wanted(int connections, WebProperties properties, Environment environment) {
        int subscribers = FeedProperties.of(environment).maxSubscribers();
        return Math.max(connections, subscribers + properties.reservedConnections());
    }
}
