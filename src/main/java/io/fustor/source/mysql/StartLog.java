package io.fustor.source.mysql;

import io.fustor.source.mysql.state.DataDirectory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/// Logs version and folder as the first line, and the console's address, that of the service and
/// the state folder when the service is ready. Monitoring programs find the address of its health
/// in the file `fustor.health-file`, which exists while the service is ready. Spring Boot
/// instantiates it by name, once for each start.
class StartLog implements ApplicationListener<ApplicationEvent> {

    private static final Logger log = LoggerFactory.getLogger(StartLog.class);

    /// Spring Boot's name for a property source from a file.
    private static final Pattern FILE = Pattern.compile("Config resource 'file \\[(.*?)]'.*");

    @Override
    public void onApplicationEvent(ApplicationEvent event) {
        switch (event) {
            case ApplicationContextInitializedEvent starting ->
                    logStart(starting.getApplicationContext().getEnvironment());
            case ApplicationReadyEvent ready -> becomeReady(ready);
            case ContextClosedEvent closed ->
                    forget(healthFile(closed.getApplicationContext().getEnvironment()));
            default -> {}
        }
    }

    private static void logStart(ConfigurableEnvironment environment) {
        String version = StartLog.class.getPackage().getImplementationVersion();
        log.info(
                "starting version={} java={} pid={} folder={} configuration={}",
                version == null ? "development" : version,
                Runtime.version(),
                ProcessHandle.current().pid(),
                Path.of("").toAbsolutePath(),
                files(environment));
    }

    private static String files(ConfigurableEnvironment environment) {
        String files =
                environment.getPropertySources().stream()
                        .map(source -> FILE.matcher(source.getName()))
                        .filter(Matcher::matches)
                        .map(name -> name.group(1))
                        .collect(Collectors.joining(","));
        return files.isEmpty() ? "none" : files;
    }

    private static void becomeReady(ApplicationReadyEvent event) {
        if (!(event.getApplicationContext() instanceof WebServerApplicationContext context)) {
            return;
        }
        Addresses addresses = Addresses.of(context);
        Environment environment = context.getEnvironment();
        URI liveness = addresses.liveness();
        log.info(
                "ready console={} address={} health={} data={} seconds={}",
                addresses.console(),
                addresses.service(),
                liveness == null ? "none" : liveness,
                environment.getProperty(DataDirectory.PROPERTY),
                seconds(event.getTimeTaken()));
        Path file = healthFile(environment);
        if (file != null && liveness != null) {
            write(file, liveness.toString());
        }
    }

    private static String seconds(@Nullable Duration taken) {
        return taken == null ? "unknown" : Double.toString(taken.toMillis() / 1_000.0);
    }

    private static @Nullable Path healthFile(Environment environment) {
        String file = environment.getProperty("fustor.health-file", "");
        return file.isBlank() ? null : Path.of(file);
    }

    /// Writes the file atomically.
    private static void write(Path file, String text) {
        Path part = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(part, text + "\n");
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.warn("fustor.health-file={} cannot be written: {}", file, e.toString());
        }
    }

    private static void forget(@Nullable Path file) {
        if (file == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.debug("fustor.health-file={} cannot be removed: {}", file, e.toString());
        }
    }
}
