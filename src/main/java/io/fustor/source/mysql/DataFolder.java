package io.fustor.source.mysql;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.state.DataDirectory;
import io.fustor.source.mysql.state.OwnerOnly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/// Makes `fustor.data-dir` an absolute path before anything reads it. The embedded database refuses
/// a path such as `data`, and the log shows the actual location of the files. It also creates the
/// folder, if anything is stored there.
class DataFolder implements EnvironmentPostProcessor {

    @Override
    public void postProcessEnvironment(
            ConfigurableEnvironment environment, SpringApplication application) {
        Path folder =
                Path.of(environment.getProperty(DataDirectory.PROPERTY, DataDirectory.DEFAULT))
                        .toAbsolutePath()
                        .normalize();
        environment
                .getPropertySources()
                .addFirst(
                        new MapPropertySource(
                                "dataFolder", Map.of(DataDirectory.PROPERTY, folder.toString())));
        if (isNeeded(environment, folder)) {
            make(folder);
        }
    }

    /// The folder is not needed if both database and key are elsewhere.
    private static boolean isNeeded(ConfigurableEnvironment environment, Path folder) {
        String url = environment.getProperty("spring.datasource.url", "");
        String key = environment.getProperty("fustor.security.encryption-key", "");
        return url.contains(folder.toString()) || key.isBlank();
    }

    private static void make(Path folder) {
        try {
            OwnerOnly.makeFolder(folder);
        } catch (IOException e) {
            throw new ConfigurationException(
                    "The folder "
                            + folder
                            + " cannot be made: "
                            + e
                            + "; set "
                            + DataDirectory.PROPERTY
                            + ".",
                    e);
        }
        if (!Files.isWritable(folder)) {
            throw new ConfigurationException(
                    "The folder "
                            + folder
                            + " cannot be written; set "
                            + DataDirectory.PROPERTY
                            + ".");
        }
    }
}
