package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.compression.CodedOutput;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.RecordForm;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.ClientLine;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.source.Sources;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Opens subscriptions that go to another taker than an HTTP client: a module of this service that
/// writes records to a log. They are subscriptions like all others, and the taker gets frames as a
/// client does ([Transport#RECORD]).
@Component
public class Deliveries {

    /// With each heartbeat the taker can see to what lies beyond it.
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private final Sources sources;
    private final Beginnings beginnings;
    private final FrameForms forms;
    private final Subscriptions subscriptions;
    private final FeedStatistics statistics;
    private final BufferPool pieces = new BufferPool();

    Deliveries(
            Sources sources,
            Beginnings beginnings,
            FrameForms forms,
            Subscriptions subscriptions,
            FeedStatistics statistics) {
        this.sources = sources;
        this.beginnings = beginnings;
        this.forms = forms;
        this.subscriptions = subscriptions;
        this.statistics = statistics;
    }

    /// What is to be delivered, in the words of the feed's parameters.
    ///
    /// @param resumeAfter the token after which to resume; null to begin
    /// @param snapshot `none` or `initial`
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Wanted(
            @Nullable String tables,
            @Nullable String fields,
            @Nullable String without,
            String @Nullable [] where,
            String snapshot,
            String onLost,
            @Nullable String resumeAfter,
            RecordForm records) {

        private FeedQuery query() {
            return new FeedQuery(
                    null,
                    null,
                    null,
                    null,
                    null,
                    snapshot,
                    tables,
                    fields,
                    without,
                    where,
                    null,
                    "debezium",
                    null,
                    onLost,
                    null,
                    null,
                    null);
        }
    }

    /// Opens a delivery, which the calling thread serves and closes.
    ///
    /// @param name of the taker, as its subscription's id
    /// @param to gets frames; a flush asks it to pass on what it has
    /// @throws RequestException if the source does not run, or cannot deliver what is wanted
    /// @throws SourceException as for a subscriber: the place is lost, the server cannot be asked
    public Delivery open(String source, String name, Wanted wanted, OutputStream to) {
        Sight sight = Sight.OF_WRITER;
        FeedParameters asked = FeedParameters.parse(wanted.query(), wanted.resumeAfter(), sight);
        SourceRun run = sources.run(source);
        FeedParameters parameters = beginnings.stored(run, asked);
        FrameForm form = beginnings.form(run, parameters, Transport.RECORD).with(wanted.records());
        Beginning beginning = beginnings.begin(run, parameters, form);
        FrameForms.Lease lease = forms.lease(form);
        var id =
                new Subscription.SubscriptionId(
                        name, source, Instant.now(), false, sight, Locale.ENGLISH);
        return new Delivery(
                subscriptions,
                statistics,
                lease,
                beginning,
                new Subscription(
                        id,
                        run,
                        lease,
                        new ClientOutput(new CodedOutput.Plain(to), pieces, null),
                        beginning,
                        HEARTBEAT,
                        ClientLine.NONE));
    }
}
