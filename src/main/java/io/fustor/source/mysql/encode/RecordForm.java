package io.fustor.source.mysql.encode;

/// What decides how a change becomes a record of a log, besides its form: records have a topic, a
/// key and a value, as Kafka Connect's JsonConverter writes those of Debezium's MySQL connector.
///
/// @param topicPrefix the first part of a topic's name; the second is the schema, the third the
///   table
/// @param schemas whether keys and values are wrapped with their schemas
public record RecordForm(String topicPrefix, boolean schemas) {

    /// The topic of a table. As in Debezium, characters that no topic's name can have become
    /// underscores.
    public String topic(String schema, String table) {
        return (topicPrefix + "." + schema + "." + table).replaceAll("[^a-zA-Z0-9._-]", "_");
    }
}
