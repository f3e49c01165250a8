package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.SourceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells in the log which settings of the cluster promise less than that a committed record stays:
/// fewer than three replicas, a commit that one replica alone confirms, or the election of a leader
/// that lacks records.
final class ClusterPromises {

    private static final Logger log = LoggerFactory.getLogger(ClusterPromises.class);
    private static final String TRANSACTIONS = "__transaction_state";
    private static final String COMPACT = "compact";
    private static final int REPLICAS = 3;
    private static final int IN_SYNC = 2;
    private static final int MOST_NAMES = 5;

    private ClusterPromises() {}

    /// Looks at the topics that the writers share. Never fails: what may not be asked is not told.
    static void log(Topics topics, KafkaWriterProperties properties) {
        List<String> compacted = List.of(properties.control(), properties.positions());
        log(topics, List.of(TRANSACTIONS, properties.control(), properties.positions()), compacted);
    }

    /// Looks at topics.
    static void log(Topics topics, Collection<String> names) {
        log(topics, names, List.of());
    }

    private static void log(Topics topics, Collection<String> names, Collection<String> compacted) {
        try {
            Map<String, TopicDescription> found = topics.describe(names);
            List<ConfigResource> asked =
                    found.keySet().stream()
                            .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                            .toList();
            Map<ConfigResource, Config> configs =
                    Topics.get(topics.admin().describeConfigs(asked).all());
            compacted.forEach(name -> requireCompaction(name, configs));
            Map<String, List<String>> byPromise = new TreeMap<>();
            found.values()
                    .forEach(
                            topic ->
                                    byPromise
                                            .computeIfAbsent(
                                                    lacking(topic, configs), _ -> new ArrayList<>())
                                            .add(topic.name()));
            byPromise.remove("");
            byPromise.forEach(ClusterPromises::warn);
        } catch (SourceException e) {
            log.warn("kafka what the cluster promises is not known: {}", e.getMessage());
        }
    }

    /// A topic that was made by hand may have Kafka's default policy, which deletes what is old.
    private static void requireCompaction(String name, Map<ConfigResource, Config> configs) {
        Config config = configs.get(new ConfigResource(ConfigResource.Type.TOPIC, name));
        String policy = config == null ? COMPACT : value(config, "cleanup.policy", COMPACT);
        if (!policy.equals(COMPACT)) {
            log.warn(
                    "kafka topic={} loses what the writers rely on: cleanup.policy={}",
                    name,
                    policy);
        }
    }

    private static void warn(String lacking, List<String> names) {
        log.warn(
                "kafka topics={} promise less than exactly once if a broker is lost: {} names={}",
                names.size(),
                lacking,
                String.join(",", names.subList(0, Math.min(MOST_NAMES, names.size()))));
    }

    /// What a topic lacks; empty if nothing.
    private static String lacking(TopicDescription topic, Map<ConfigResource, Config> configs) {
        List<String> less = new ArrayList<>();
        int replicas =
                topic.partitions().stream()
                        .mapToInt(partition -> partition.replicas().size())
                        .min()
                        .orElse(0);
        if (replicas < REPLICAS) {
            less.add("replicas=" + replicas);
        }
        Config config = configs.get(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
        if (config != null) {
            int inSync = Integer.parseInt(value(config, "min.insync.replicas", "1"));
            if (inSync < IN_SYNC) {
                less.add("min.insync.replicas=" + inSync);
            }
            if (value(config, "unclean.leader.election.enable", "false").equals("true")) {
                less.add("unclean.leader.election.enable=true");
            }
        }
        return String.join(" ", less);
    }

    private static String value(Config config, String name, String absent) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? absent : entry.value();
    }
}
