package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.source.SourceRun;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// The forms of requests that read changes in other ways than as a stream. They take the parameters
/// of the feed that choose changes and their format, with the same meaning.
///
/// Any thread may call; it may ask the source's server.
@Component
public class RequestedForms {

    private final Beginnings beginnings;
    private final FrameForms forms;

    RequestedForms(Beginnings beginnings, FrameForms forms) {
        this.beginnings = beginnings;
        this.forms = forms;
    }

    /// The parameters as they came; null where one is absent.
    ///
    /// @param snapshot whether the rows of the tables come first: `none` or `initial`
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Asked(
            @Nullable String snapshot,
            @Nullable String tables,
            @Nullable String fields,
            @Nullable String without,
            String @Nullable [] where,
            @Nullable String ops,
            @Nullable String format,
            @Nullable String batch,
            @Nullable String transactions,
            @Nullable String bigNumbers) {

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
                    ops,
                    format,
                    batch,
                    null,
                    transactions,
                    bigNumbers,
                    null);
        }
    }

    /// What was asked for, checked as far as it can be without a source.
    public static final class Checked {

        private final FeedParameters parameters;

        private Checked(FeedParameters parameters) {
            this.parameters = parameters;
        }

        FeedParameters parameters() {
            return parameters;
        }
    }

    /// Checks what was asked for, as far as it can be without a source.
    ///
    /// @throws RequestException `INVALID_REQUEST` with the name of a wrong parameter
    public Checked check(Asked asked, Sight sight) {
        return new Checked(FeedParameters.parse(asked.query(), null, sight));
    }

    /// The form of what is asked for and the caller may see.
    ///
    /// @param isFirst whether the request begins and does not resume; tables and columns that are
    ///   named in full have to exist then
    /// @return the caller closes it
    /// @throws RequestException `INVALID_REQUEST` if a name or a condition does not fit the tables
    /// @throws SourceException if the server cannot be asked
    public FrameForms.Lease lease(
            SourceRun run, Checked checked, Transport transport, boolean isFirst) {
        FeedParameters parameters = beginnings.stored(run, checked.parameters);
        FrameForm form = beginnings.form(run, parameters, transport);
        if (isFirst) {
            SelectionCheck.requireExisting(parameters.selection(), run.capture());
            SelectionCheck.requireFitting(form, run.capture());
        }
        return forms.lease(form);
    }
}
