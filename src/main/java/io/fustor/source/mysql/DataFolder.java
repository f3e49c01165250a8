package io.fustor.source.mysql;

import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/// Makes `fustor.data-dir` an absolute path before anything reads it: the embedded database refuses
/// a path such as `data`, and the log shows where the files really are.
class DataFolder implements EnvironmentPostProcessor {

    private static final String PROPERTY = "fustor.data-dir";

    @Override
    public void postProcessEnvironment(
            ConfigurableEnvironment environment, SpringApplication application) {
        String folder = environment.getProperty(PROPERTY, "./data");
        String absolute = Path.of(folder).toAbsolutePath().normalize().toString();
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("dataFolder", Map.of(PROPERTY, absolute)));
    }
}
