package io.fustor.source.mysql.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.test.context.SpringBootTest;

/// The whole service in this JVM, on a port of its own, with heartbeats every second, and without
/// TLS, so that tests can open thousands of connections to a server. All classes that carry it
/// share one.
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "fustor.data-dir=target/running-service",
            "fustor.security.encryption-key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "spring.datasource.url=jdbc:h2:mem:running-service;DB_CLOSE_DELAY=-1",
            "server.http2.enabled=true",
            "fustor.feed.heartbeat=1s",
            "fustor.mysql.tls=disabled"
        })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface RunningService {}
