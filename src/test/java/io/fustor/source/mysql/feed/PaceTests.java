package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.compression.CodedOutput;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.Format;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.memory.ClientMemory;
import io.fustor.source.mysql.schema.Selection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class PaceTests {

    private static final byte[] FRAME = "data: {}\n\n".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ClientOutput out =
            new ClientOutput(new CodedOutput.Plain(sent), new BufferPool(), null);
    private final EventEncoder encoder =
            new EventEncoder(FrameForm.whole("source", Format.FUSTOR, Selection.EVERYTHING, false));
    private final Pace pace =
            new Pace(
                    () -> false,
                    () -> "token",
                    out,
                    new SubscriptionEvents(encoder, out, false, false, Locale.ENGLISH),
                    Duration.ofHours(1));

    @Test
    void keepsNothingBackWhileItWaits() throws IOException {
        long before = ClientMemory.OF_HEAP.used();
        out.gathered().write(FRAME);

        pace.pause(
                Duration.ofMinutes(1),
                () -> {
                    assertThat(sent.toByteArray()).isEqualTo(FRAME);
                    assertThat(ClientMemory.OF_HEAP.used()).isEqualTo(before);
                    return true;
                });

        assertThat(sent.toByteArray()).isEqualTo(FRAME);
    }
}
