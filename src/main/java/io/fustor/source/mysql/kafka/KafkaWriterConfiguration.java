package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.feed.Deliveries;
import io.fustor.source.mysql.settings.ConditionalOnSettings;
import io.fustor.source.mysql.source.SourceProperties;
import io.fustor.source.mysql.source.Sources;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.ProducerFactory;

/// The writers to Kafka, if `fustor.kafka` is set. Boot's factories only tell how the cluster is
/// reached; no client is made of them.
@Configuration(proxyBeanMethods = false)
@ConditionalOnSettings("fustor.kafka")
@EnableConfigurationProperties(KafkaWriterProperties.class)
@Import(KafkaAutoConfiguration.class)
class KafkaWriterConfiguration {

    private static final int LARGEST_REQUEST = 1024 * 1024;

    @Bean
    KafkaWriters kafkaWriters(
            KafkaWriterProperties properties,
            SourceProperties instance,
            Deliveries deliveries,
            Sources sources,
            ProducerFactory<?, ?> producers,
            ConsumerFactory<?, ?> consumers,
            KafkaAdmin admin) {
        Map<String, Object> producer = producers.getConfigurationProperties();
        var clients =
                new KafkaClients(
                        properties,
                        producer,
                        consumers.getConfigurationProperties(),
                        admin.getConfigurationProperties(),
                        instance.agentId() == null ? hostName() : instance.agentId());
        var topics = new Topics(clients.admin());
        return new KafkaWriters(
                properties,
                new SourceWriter.WriterResources(
                        properties,
                        clients,
                        topics,
                        new Positions(clients, topics, properties),
                        deliveries,
                        sources,
                        largestRequest(producer)));
    }

    private static int largestRequest(Map<String, Object> producer) {
        Object set = producer.get(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
        return set == null ? LARGEST_REQUEST : Integer.parseInt(set.toString());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "localhost";
        }
    }

    @Bean
    WriterMeters kafkaWriterMeters(KafkaWriters writers) {
        return new WriterMeters(writers);
    }

    @Bean
    WritersHealthIndicator kafkaHealthIndicator(KafkaWriters writers) {
        return new WritersHealthIndicator(writers);
    }
}
