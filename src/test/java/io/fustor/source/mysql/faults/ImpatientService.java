package io.fustor.source.mysql.faults;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.test.context.SpringBootTest;

/// The whole service in this JVM, on a port of its own, with as little patience as it may be given:
/// for tests in which servers and clients fall silent. All classes that carry it share one.
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "fustor.data-dir=target/impatient-service",
            "fustor.security.encryption-key=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "spring.datasource.url=jdbc:h2:mem:impatient-service;DB_CLOSE_DELAY=-1",
            "server.http2.enabled=true",
            "fustor.feed.heartbeat=500ms",
            "fustor.feed.window=2MB",
            "fustor.mysql.tls=${fault.tls:disabled}",
            "fustor.mysql.connect-timeout=2s",
            "fustor.mysql.read-timeout=3s",
            "fustor.web.stall-timeout=3s"
        })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface ImpatientService {}
