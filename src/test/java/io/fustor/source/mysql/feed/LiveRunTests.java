package io.fustor.source.mysql.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.capture.LiveWindow;
import io.fustor.source.mysql.capture.OpenWindow;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.compression.BlockCompressors;
import io.fustor.source.mysql.compression.ContentCoding;
import io.fustor.source.mysql.encode.Format;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.schema.Selection;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/// Subscribers that share blocks receive what each of them wrote: whatever they write beside the
/// live events, whatever they leave out, and however far apart they are.
class LiveRunTests {

    private static final int EVENTS = 300;

    private final Random random = seeded();
    private final BufferPool pieces = new BufferPool();
    private final BlockCompressors compressors = new BlockCompressors();
    private final OpenWindow open = new OpenWindow(64 << 20);

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("LiveRunTests: seed " + seed);
        return new Random(seed);
    }

    private static FrameForm form(int batch) {
        return new FrameForm(
                7,
                "run",
                Format.FUSTOR,
                Transport.SSE,
                Selection.EVERYTHING,
                EnumSet.allOf(Operation.class),
                batch,
                false,
                false);
    }

    /// A subscriber as it follows the window.
    private final class Subscriber {

        private final FrameForm form;
        private final ContentCoding coding;
        private final boolean isOdd;
        private final Random choices = new Random(random.nextLong());
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        private final ByteArrayOutputStream expected = new ByteArrayOutputStream();
        private final ClientOutput out;
        private long sequence;

        /// @param isOdd whether it writes and leaves out what others do not
        Subscriber(FrameForm form, ContentCoding coding, boolean isOdd) {
            this.form = form;
            this.coding = coding;
            this.isOdd = isOdd;
            LiveRun run =
                    coding == ContentCoding.IDENTITY
                            ? null
                            : new LiveRun(form, coding, compressors);
            this.out = new ClientOutput(compressors.stream(sent, coding), pieces, run);
        }

        private boolean oneOf(int many) {
            return isOdd && choices.nextInt(many) == 0;
        }

        /// Takes the events that are there; false if it stopped before the end.
        boolean takeAll() throws IOException {
            while (true) {
                LiveEvent live = open.window().get(sequence);
                if (!open.window().has(sequence) || live == null) {
                    if (!out.endOfLive(sequence)) {
                        continue;
                    }
                    if (oneOf(5)) {
                        own("heartbeat\n");
                    }
                    out.flush();
                    return true;
                }
                out.pass(live, sequence);
                if (oneOf(40)) {
                    out.endRun();
                } else {
                    take(live);
                }
                sequence++;
                if (oneOf(30)) {
                    return false;
                }
            }
        }

        private void take(LiveEvent live) throws IOException {
            if (oneOf(40)) {
                own("notice before " + sequence + "\n");
            }
            byte[] frame = live.frame(form);
            if (frame == null) {
                frame = frame(form, sequence);
                live.keepFrame(form, frame, 1);
            }
            out.write(frame, live, sequence);
            expected.writeBytes(frame);
        }

        private void own(String text) {
            out.gathered().write(text.getBytes(UTF_8));
            expected.writeBytes(text.getBytes(UTF_8));
        }

        void finish() throws IOException {
            takeAll();
            own("end\n");
            out.finish();
        }

        void assertReceived() throws IOException {
            InputStream in = new ByteArrayInputStream(sent.toByteArray());
            InputStream decoded =
                    switch (coding) {
                        case GZIP -> new GZIPInputStream(in);
                        case ZSTD -> new ZstdInputStream(in);
                        case IDENTITY -> in;
                    };
            assertThat(decoded.readAllBytes()).isEqualTo(expected.toByteArray());
            assertThat(out.written()).isEqualTo(sent.size());
        }
    }

    /// Some have no frame, some have a small one, few have more than a piece.
    private static byte[] frame(FrameForm form, long sequence) {
        int kind = (int) (sequence * 31 % 97);
        if (kind % 5 == 0) {
            return new byte[0];
        }
        int times = kind == 1 ? 4_500 : kind == 2 ? 3_500 : kind % 20;
        String text = "event " + sequence + " of " + form.batch() + "; ";
        return (text.repeat(1 + times) + "\n").getBytes(UTF_8);
    }

    private List<Subscriber> subscribers(int each) {
        List<Subscriber> all = new ArrayList<>();
        FrameForm[] forms = {form(1), form(2)};
        for (int i = 0; i < each; i++) {
            for (FrameForm form : forms) {
                for (ContentCoding coding : ContentCoding.values()) {
                    all.add(new Subscriber(form, coding, i > 0));
                }
            }
        }
        return all;
    }

    @RepeatedTest(5)
    void eachReceivesWhatItWroteInAnyOrder() throws IOException {
        List<Subscriber> all = subscribers(4);
        for (int i = 0; i < EVENTS; i++) {
            open.append();
            while (random.nextInt(3) > 0) {
                all.get(random.nextInt(all.size())).takeAll();
            }
        }
        for (Subscriber one : all) {
            while (!one.takeAll()) {
                // It stops now and then.
            }
            one.finish();
            one.assertReceived();
        }
    }

    @RepeatedTest(3)
    void eachReceivesWhatItWroteOnManyThreads() throws Exception {
        List<Subscriber> all = subscribers(10);
        LiveWindow window = open.window();
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Subscriber one : all) {
                running.add(threads.submit(() -> follow(one, window)));
            }
            for (int i = 0; i < EVENTS; i++) {
                open.append();
                if (random.nextInt(10) == 0) {
                    Thread.yield();
                }
            }
            open.close();
            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }
        }
        for (Subscriber one : all) {
            one.assertReceived();
        }
    }

    private static @Nullable Void follow(Subscriber one, LiveWindow window) throws IOException {
        while (one.sequence < EVENTS) {
            if (one.takeAll()) {
                window.await(one.sequence, TimeUnit.SECONDS.toNanos(1));
            }
        }
        one.finish();
        return null;
    }

    /// Of those that take the same events at once, one compresses.
    @Test
    void subscribersInStepCompressOnce() throws IOException {
        FrameForm form = form(1);
        List<Subscriber> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            all.add(new Subscriber(form, ContentCoding.ZSTD, false));
        }
        int batches = 20;
        for (int batch = 0; batch < batches; batch++) {
            for (int i = 0; i < 3; i++) {
                open.append();
            }
            for (Subscriber one : all) {
                one.takeAll();
            }
        }

        assertThat(compressors.blocks()).isEqualTo(batches);
    }

    /// It has two events of a block less, and meets the others at its end.
    @Test
    void aSubscriberThatJoinsWithinABlockIsInStepFromTheNextOn() throws IOException {
        FrameForm form = form(1);
        Subscriber first = new Subscriber(form, ContentCoding.ZSTD, false);
        Subscriber late = new Subscriber(form, ContentCoding.ZSTD, false);
        for (int i = 0; i < 4; i++) {
            open.append();
        }
        first.takeAll();
        late.sequence = 2;
        open.append();
        first.takeAll();
        late.takeAll();

        assertThat(compressors.blocks()).as("two, and the rest of the first one").isEqualTo(3);
        open.append();
        first.takeAll();
        late.takeAll();
        assertThat(compressors.blocks()).isEqualTo(4);
    }

    /// The same masks and conditions are part of a form, and forms are not compared by value here.
    @Test
    void differentFormsShareNothing() throws IOException {
        Subscriber first = new Subscriber(form(1), ContentCoding.GZIP, false);
        Subscriber second = new Subscriber(form(1), ContentCoding.GZIP, false);
        for (int i = 0; i < 40; i++) {
            open.append();
        }
        first.takeAll();
        long blocks = compressors.blocks();
        second.takeAll();

        assertThat(compressors.blocks()).isEqualTo(2 * blocks);
    }

    @Test
    void blocksCountInTheWindowAndAreGivenBack() throws IOException {
        Subscriber one = new Subscriber(form(1), ContentCoding.GZIP, false);
        for (int i = 0; i < EVENTS; i++) {
            open.append();
        }
        long withoutFrames = open.window().weight();
        one.takeAll();
        long frames = 0;
        for (long i = 0; i < EVENTS; i++) {
            frames += frame(one.form, i).length;
        }

        assertThat(open.window().weight())
                .isGreaterThan(withoutFrames + frames)
                .isLessThan(withoutFrames + frames + frames / 2);
    }
}
