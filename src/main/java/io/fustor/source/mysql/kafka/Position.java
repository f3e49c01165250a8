package io.fustor.source.mysql.kafka;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// How far a source is written, as the topic of positions holds it: in the Kafka transaction that
/// contains the records before it.
///
/// @param token the place after the last row that is written; empty before the first
/// @param cluster the id of the cluster that the topics are in
/// @param epoch how often the source was taken over
/// @param writer the name of the instance that wrote it
/// @param topics how many topics the source was written to
record Position(String token, String cluster, long epoch, String writer, int topics) {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();

    /// @throws IllegalArgumentException if it was written by something else
    static Position read(byte[] json) {
        try {
            return JSON.readValue(json, Position.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("a position that is not ours", e);
        }
    }

    byte[] json() {
        return JSON.writeValueAsBytes(this);
    }

    boolean isBeforeAll() {
        return token.isEmpty();
    }

    Position at(String later, int writtenTopics) {
        return new Position(later, cluster, epoch, writer, writtenTopics);
    }
}
