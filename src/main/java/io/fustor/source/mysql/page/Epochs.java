package io.fustor.source.mysql.page;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import java.util.List;
import java.util.function.Supplier;
import org.springframework.stereotype.Service;

/// Assigns places to epochs, so that offsets sort in the order of the stream.
///
/// The epoch of a place depends only on rows that never change and on where the reader came from. A
/// new epoch starts at the end that the server's binlog has when the epoch is noticed. All places
/// that were delivered before are not after it, and so keep their epochs.
///
/// Any thread may call.
@Service
class Epochs {

    private final EpochStore store;

    Epochs(EpochStore store) {
        this.store = store;
    }

    /// The epoch of a place that a client names.
    ///
    /// @param claimed by an offset; 0 if the client has an event id only
    /// @throws RequestException `POSITION_INVALID` if no such epoch has begun
    int ofStart(String source, Place start, int claimed) {
        List<Epoch> known = store.of(source);
        int last = known.isEmpty() ? 0 : known.getLast().number();
        if (claimed > last) {
            throw new RequestException(
                    RequestCode.POSITION_INVALID, Sentence.of("page.epoch", claimed), null);
        }
        return claimed > 0 ? claimed : of(start, known, 0);
    }

    /// The epoch of a place that a page reached.
    ///
    /// @param from the epoch of the page's start
    /// @param start of the page
    /// @param end of the server's binlog; asked only if a new epoch begins
    /// @throws SourceException `CONNECTION_LOST` if the end is that of another server
    int ofNext(String source, int from, Place start, Place next, Supplier<Place> end) {
        if (next.server() == Place.BY_GTIDS) {
            return from;
        }
        List<Epoch> known = store.of(source);
        while (known.isEmpty() || known.getLast().server() != next.server()) {
            int last = known.isEmpty() ? 0 : known.getLast().number();
            store.add(source, begin(last + 1, next, end));
            known = store.of(source);
        }
        boolean isSameServer = start.server() == next.server() && from > 0;
        return isSameServer ? Math.max(from, of(next, known, from - 1)) : of(next, known, from);
    }

    /// The first epoch of all includes everything that its server has.
    private static Epoch begin(int number, Place next, Supplier<Place> end) {
        if (number == 1) {
            return new Epoch(number, next.server(), 0, 0);
        }
        Place here = end.get();
        if (here.server() != next.server()) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "the source's address led to another server while a page was read");
        }
        Place from = here.isAfter(next) ? here : next;
        return new Epoch(number, next.server(), from.fileNumber(), from.offset());
    }

    /// The last epoch after another one that has begun at the place; if none has, the first of its
    /// server; 0 if there is none.
    private static int of(Place place, List<Epoch> known, int after) {
        int first = 0;
        int begun = 0;
        for (Epoch epoch : known) {
            if (epoch.number() <= after || epoch.server() != place.server()) {
                continue;
            }
            first = first == 0 ? epoch.number() : first;
            begun = epoch.hasBegunAt(place) ? epoch.number() : begun;
        }
        return begun != 0 ? begun : first;
    }
}
