package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.feed.SubscriptionStatus;
import io.fustor.source.mysql.feed.Subscriptions;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.instance.SharedViews;
import io.fustor.source.mysql.monitoring.SourceViews.SnapshotView;
import io.fustor.source.mysql.monitoring.SourceViews.SubscriberView;
import io.fustor.source.mysql.source.Sources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/// The streams that other instances serve, and those of this one as the others see them.
@Component
class ServedElsewhere {

    private static final TypeReference<Map<String, List<Stream>>> DOCUMENT =
            new TypeReference<>() {};

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final SharedViews views;

    /// A stream as its instance shows it to a caller that sees everything.
    ///
    /// @param owner the subscriber, as [Sight#owner] has it
    record Stream(String owner, SubscriberView subscriber, @Nullable SnapshotView snapshot) {}

    ServedElsewhere(Sources sources, Subscriptions subscriptions, SharedViews views) {
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.views = views;
        views.publish(SharedViews.Kind.STREAMS, this::document);
    }

    private byte[] document() {
        Map<String, List<Stream>> document = new LinkedHashMap<>();
        for (String id : sources.ids()) {
            List<SubscriptionStatus> statuses = subscriptions.statuses(id);
            if (!statuses.isEmpty()) {
                document.put(id, statuses.stream().map(ServedElsewhere::stream).toList());
            }
        }
        return SharedDocument.of(document);
    }

    private static Stream stream(SubscriptionStatus status) {
        return new Stream(
                status.owner(),
                SourceViews.view(status, Sight.OF_ADMINISTRATOR, ""),
                SourceViews.snapshot(status, ""));
    }

    /// The streams of all sources on other instances that a caller sees, by source. Waits for them
    /// a second or so at most.
    Map<String, List<Stream>> seen(Sight sight) {
        Map<String, List<Stream>> seen = new LinkedHashMap<>();
        for (SharedViews.View view : views.others()) {
            read(view)
                    .forEach(
                            (source, streams) -> {
                                List<Stream> list =
                                        seen.computeIfAbsent(source, _ -> new ArrayList<>());
                                streams.stream()
                                        .filter(one -> SourceViews.isSeen(one.owner(), sight))
                                        .map(one -> shown(one, sight, view.instance()))
                                        .forEach(list::add);
                            });
        }
        return seen;
    }

    private static Map<String, List<Stream>> read(SharedViews.View view) {
        Map<String, List<Stream>> streams =
                SharedDocument.read(view, SharedViews.Kind.STREAMS, DOCUMENT);
        return streams == null ? Map.of() : streams;
    }

    private static Stream shown(Stream stream, Sight sight, String instance) {
        SnapshotView snapshot = stream.snapshot();
        return new Stream(
                stream.owner(),
                stream.subscriber().on(instance, sight),
                snapshot == null ? null : snapshot.on(instance));
    }
}
