package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.position.FeedToken;

/// An example stream for the OpenAPI document: its start, and one change.
final class FeedExample {

    private static final String ID =
            "ELevBlG4SPP2_BrQ1msC8o8B-LcBAwFUcL3v5nsR8Z7eAvwAAAABAAIBJlRwve_mexHxnt4C_AAAAAEAKAAAAAAAAANm1-yw";

    private static final String CHANGE =
            "{\"event_id\":\""
                    + ID
                    + "\",\"event_type\":\"insert\",\"event_schema\":\"shop\",\"table\":\"orders\","
                    + "\"fields\":[\"id\",\"status\"],\"rows\":[{\"id\":96,\"status\":\"new\"}],"
                    + "\"index\":4295120724,\"timestamp\":1795356771.252788,"
                    + "\"message_source\":\"realtime\",\"metadata\":{\"primary_key\":[\"id\"],"
                    + "\"gtid\":\"7fb6f7b0-e67e-11f1-8cf4-02fc00000001:235\","
                    + "\"file\":\"binlog.000001\",\"position\":153428,\"server_id\":1,"
                    + "\"transaction\":{\"id\":\"7fb6f7b0-e67e-11f1-8cf4-02fc00000001:235\","
                    + "\"first_row\":2}}}";

    static final String STREAM =
            "retry: 1000\n\nid: "
                    + FeedToken.EXAMPLE
                    + "\n\nid: "
                    + ID
                    + "\ndata: "
                    + CHANGE
                    + "\n\n";

    private FeedExample() {}
}
