package io.fustor.source.mysql;

import io.fustor.source.mysql.thread.Computing;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.scheduling.annotation.EnableScheduling;

/// Starts the service. The modules below this package contain its functions; this class only marks
/// where Spring searches for them.
@SpringBootApplication
@EnableScheduling
public class FustorSourceMysqlApplication {

    public static void main(String[] arguments) {
        Computing.prepare();
        boolean endsOutOfMemory = OutOfMemoryExit.arm();
        SpringApplication.run(FustorSourceMysqlApplication.class, arguments);
        if (!endsOutOfMemory) {
            LoggerFactory.getLogger(FustorSourceMysqlApplication.class)
                    .warn(
                            "this JVM does not end when its heap is exhausted; start it with"
                                    + " -XX:+ExitOnOutOfMemoryError");
        }
    }
}
