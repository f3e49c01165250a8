package io.fustor.source.mysql.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.RequestException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceRunTests {

    private final List<String> happened = new ArrayList<>();
    private final SourceRun run = Captures.run(_ -> happened.add("released"));

    @Test
    void givesItsCaptureBackAtTheEnd() {
        run.end("stopped");

        assertThat(run.endReason()).isEqualTo("stopped");
        assertThat(happened).containsExactly("released");
    }

    @Test
    void saysWhyBeforeItWakesSubscribers() {
        try (var _ = run.onEnd(() -> happened.add("woken: " + run.endReason()))) {
            run.end("stopped");

            assertThat(happened).containsExactly("woken: stopped");
        }
    }

    @Test
    void keepsItsCaptureUntilTheLastHasLeft() {
        var first = run.onEnd(() -> happened.add("first"));
        var second = run.onEnd(() -> happened.add("second"));
        run.end("stopped");

        first.close();
        assertThat(happened).containsExactly("first", "second");
        second.close();
        assertThat(happened).containsExactly("first", "second", "released");
    }

    @Test
    void doesNotWakeWhoHasLeft() {
        run.onEnd(() -> happened.add("woken")).close();

        run.end("stopped");

        assertThat(happened).containsExactly("released");
    }

    @Test
    void wakesALatecomerAtOnce() {
        run.end("stopped");

        run.onEnd(() -> happened.add("woken")).close();

        assertThat(happened).containsExactly("released", "woken");
    }

    @Test
    void endsOnce() {
        run.end("stopped");
        run.end("deleted");

        assertThat(run.endReason()).isEqualTo("stopped");
        assertThat(happened).containsExactly("released");
    }

    @Test
    void letsARegistrationBeClosedTwice() {
        Runnable wake = () -> happened.add("woken");
        var one = run.onEnd(wake);
        var other = run.onEnd(wake);
        one.close();
        one.close();

        run.end("stopped");

        assertThat(happened).containsExactly("woken");
        other.close();
        assertThat(happened).containsExactly("woken", "released");
    }

    @Test
    void refusesIdsOfAnotherForm() {
        for (var id : List.of("", "-a", ".a", "_a", "a b", "a/b", "ä", "a".repeat(65))) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> Source.checkId(id))
                    .isInstanceOf(RequestException.class);
        }
        for (var id : List.of("a", "0", "a.b_c-d", "A".repeat(64))) {
            assertThat(Source.checkId(id)).isEqualTo(id);
        }
    }
}
