package io.fustor.source.mysql;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.scheduling.annotation.EnableScheduling;

/// Starts the service. Everything it does is in the modules below this package; this class only
/// says where they are looked for.
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
public class FustorSourceMysqlApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(FustorSourceMysqlApplication.class, arguments);
    }
}
