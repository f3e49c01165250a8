package io.fustor.source.mysql;

import io.fustor.source.mysql.error.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/// Makes `fustor.data-dir` an absolute path before anything reads it: the embedded database refuses
/// a path such as `data`, and the log shows where the files really are. Makes the folder too, if
/// anything will be kept there.
class DataFolder implements EnvironmentPostProcessor {

    private static final String PROPERTY = "fustor.data-dir";

    @Override
    public void postProcessEnvironment(
            ConfigurableEnvironment environment, SpringApplication application) {
        Path folder =
                Path.of(environment.getProperty(PROPERTY, "./data")).toAbsolutePath().normalize();
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("dataFolder", Map.of(PROPERTY, folder.toString())));
        if (isNeeded(environment, folder)) {
            make(folder);
        }
    }

    /// Neither database nor key are there where both are somewhere else.
    private static boolean isNeeded(ConfigurableEnvironment environment, Path folder) {
        String url = environment.getProperty("spring.datasource.url", "");
        String key = environment.getProperty("fustor.security.encryption-key", "");
        return url.contains(folder.toString()) || key.isBlank();
    }

    private static void make(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new ConfigurationException(
                    "The folder " + folder + " cannot be made: " + e + "; set " + PROPERTY + ".",
                    e);
        }
        if (!Files.isWritable(folder)) {
            throw new ConfigurationException(
                    "The folder " + folder + " cannot be written; set " + PROPERTY + ".");
        }
    }
}
