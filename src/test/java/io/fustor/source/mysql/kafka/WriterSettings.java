package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.TestMySql;
import java.util.HashMap;
import java.util.Map;

/// The settings of a service that writes one source, which it declares. Source, topics and
/// everything that the writers share have the same name.
public final class WriterSettings {

    private WriterSettings() {}

    static Map<String, String> of(TestKafka kafka, TestMySql mysql, String name, String tables) {
        return of(kafka, mysql.uri(), name, tables);
    }

    /// @param uri of the server, `host:port`
    public static Map<String, String> of(TestKafka kafka, String uri, String name, String tables) {
        Map<String, String> settings = new HashMap<>();
        settings.put("spring.kafka.bootstrap-servers", kafka.address());
        settings.put("fustor.security.open", "true");
        settings.put("fustor.kafka.prefix", "writers-" + name);
        settings.put("fustor.kafka.session-timeout", "3s");
        String source = "fustor.sources." + name + ".";
        settings.put(source + "driver", "mysql");
        settings.put(source + "uri", uri);
        settings.put(source + "credential.user", TestMySql.CAPTURE.user());
        settings.put(source + "credential.passwd", TestMySql.CAPTURE.password());
        settings.put(source + "max_retries", "1000");
        settings.put(source + "retry_delay_sec", "1");
        settings.put("fustor.kafka.sources." + name + ".tables", tables);
        return settings;
    }

    static Map<String, String> with(Map<String, String> settings, String name, String value) {
        Map<String, String> more = new HashMap<>(settings);
        more.put(name, value);
        return more;
    }
}
