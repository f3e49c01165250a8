package io.fustor.source.mysql.instance;

import io.fustor.source.mysql.state.StateClock;
import io.fustor.source.mysql.state.StateWrite;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/// The tables that instances share.
@Repository
class InstanceStore {

    /// What all others hold and want of a budget.
    record Others(int granted, int wanted) {
        static final Others NONE = new Others(0, 0);
    }

    /// What an instance serves.
    ///
    /// @param taken when, by the database's clock
    record View(String instance, long taken, Map<SharedViews.Kind, byte[]> documents) {}

    /// What an instance asks all others to do.
    record Notice(long number, String instance, String kind, String source, String argument) {}

    private static final long NOTICES_KEPT_MILLIS = 60_000;

    private final JdbcClient jdbc;
    private final StateClock clock;

    InstanceStore(JdbcClient jdbc, StateClock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    long now() {
        return clock.millis();
    }

    /// How many changes of each topic there were.
    Map<String, Long> changes() {
        Map<String, Long> changes = new HashMap<>();
        jdbc.sql("SELECT topic, number FROM state_change")
                .query(
                        row -> {
                            changes.put(row.getString("topic"), row.getLong("number"));
                        });
        return changes;
    }

    List<Member> members() {
        return jdbc.sql("SELECT id, name, heartbeat, heard FROM service_instance ORDER BY name, id")
                .query(
                        (row, _) ->
                                new Member(
                                        row.getString("id"),
                                        row.getString("name"),
                                        row.getLong("heartbeat"),
                                        row.getLong("heard")))
                .list();
    }

    /// Says that an instance lives.
    ///
    /// @return false if the instance is not known, or was taken for gone
    boolean beat(StateWrite write, String id, long now) {
        return write.update("UPDATE service_instance SET heartbeat = ? WHERE id = ?", now, id) > 0;
    }

    void join(StateWrite write, Member member) {
        write.update(
                "INSERT INTO service_instance (id, name, heartbeat, heard) VALUES (?, ?, ?, ?)",
                member.id(),
                member.name(),
                member.heartbeat(),
                member.heard());
    }

    void remove(StateWrite write, String id) {
        write.update("DELETE FROM budget_lease WHERE instance = ?", id);
        write.update("DELETE FROM instance_view WHERE instance = ?", id);
        write.update("DELETE FROM service_instance WHERE id = ?", id);
    }

    /// Lets one instance at a time change leases, until its transaction ends.
    void lockLeases() {
        jdbc.sql("SELECT number FROM state_change WHERE topic = 'lease' FOR UPDATE")
                .query(Long.class)
                .single();
    }

    Map<String, Others> othersLeases(String id) {
        Map<String, Others> leases = new HashMap<>();
        jdbc.sql(
                        """
                        SELECT budget, SUM(granted) AS granted, SUM(wanted) AS wanted
                        FROM budget_lease WHERE instance <> ? GROUP BY budget
                        """)
                .param(id)
                .query(
                        row -> {
                            leases.put(
                                    row.getString("budget"),
                                    new Others(row.getInt("granted"), row.getInt("wanted")));
                        });
        return leases;
    }

    void putLease(StateWrite write, String budget, String id, int granted, int wanted) {
        int updated =
                write.update(
                        "UPDATE budget_lease SET granted = ?, wanted = ? WHERE budget = ? AND instance = ?",
                        granted,
                        wanted,
                        budget,
                        id);
        if (updated == 0) {
            write.update(
                    "INSERT INTO budget_lease (budget, instance, granted, wanted) VALUES (?, ?, ?, ?)",
                    budget,
                    id,
                    granted,
                    wanted);
        }
    }

    void removeLeases(StateWrite write, String id) {
        write.update("DELETE FROM budget_lease WHERE instance = ?", id);
    }

    void removeLease(StateWrite write, String budget, String id) {
        write.update("DELETE FROM budget_lease WHERE budget = ? AND instance = ?", budget, id);
    }

    /// Adds what an instance asks all others to do.
    ///
    /// @return its number
    long addNotice(StateWrite write, String id, String kind, String source, String argument) {
        Changes.count(write, "notice");
        long now = now();
        long number =
                jdbc.sql("SELECT number FROM state_change WHERE topic = 'notice'")
                        .query(Long.class)
                        .single();
        write.update("DELETE FROM instance_notice WHERE created < ?", now - NOTICES_KEPT_MILLIS);
        write.update(
                """
                INSERT INTO instance_notice
                    (number, instance, kind, source_id, argument, created, found)
                VALUES (?, ?, ?, ?, ?, ?, 0)
                """,
                number,
                id,
                kind,
                source,
                argument,
                now);
        return number;
    }

    List<Notice> noticesAfter(long number) {
        return jdbc.sql(
                        """
                        SELECT number, instance, kind, source_id, argument
                        FROM instance_notice WHERE number > ? ORDER BY number
                        """)
                .param(number)
                .query(
                        (row, _) ->
                                new Notice(
                                        row.getLong("number"),
                                        row.getString("instance"),
                                        row.getString("kind"),
                                        row.getString("source_id"),
                                        row.getString("argument")))
                .list();
    }

    void heard(StateWrite write, String id, long number) {
        write.update("UPDATE service_instance SET heard = ? WHERE id = ?", number, id);
    }

    void found(StateWrite write, long number) {
        write.update("UPDATE instance_notice SET found = found + 1 WHERE number = ?", number);
    }

    boolean isFound(long number) {
        return jdbc.sql("SELECT found FROM instance_notice WHERE number = ?")
                        .param(number)
                        .query(Integer.class)
                        .optional()
                        .orElse(0)
                > 0;
    }

    void putView(StateWrite write, String id, Map<SharedViews.Kind, byte[]> documents) {
        long now = now();
        byte[] streams = documents.get(SharedViews.Kind.STREAMS);
        byte[] status = documents.get(SharedViews.Kind.STATUS);
        int updated =
                write.update(
                        "UPDATE instance_view SET taken = ?, document = ?, status = ? WHERE instance = ?",
                        now,
                        streams,
                        status,
                        id);
        if (updated == 0) {
            write.update(
                    "INSERT INTO instance_view (instance, taken, document, status) VALUES (?, ?, ?, ?)",
                    id,
                    now,
                    streams,
                    status);
        }
    }

    List<View> views(String otherThan) {
        return jdbc.sql(
                        """
                        SELECT instance, taken, document, status FROM instance_view
                        WHERE instance <> ?
                        """)
                .param(otherThan)
                .query(
                        (row, _) ->
                                new View(
                                        row.getString("instance"),
                                        row.getLong("taken"),
                                        documents(
                                                row.getBytes("document"), row.getBytes("status"))))
                .list();
    }

    /// @param status null if the instance is of a version that does not write it
    private static Map<SharedViews.Kind, byte[]> documents(
            byte[] streams, byte @Nullable [] status) {
        Map<SharedViews.Kind, byte[]> documents = new EnumMap<>(SharedViews.Kind.class);
        documents.put(SharedViews.Kind.STREAMS, streams);
        if (status != null) {
            documents.put(SharedViews.Kind.STATUS, status);
        }
        return documents;
    }
}
