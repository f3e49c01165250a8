package io.fustor.source.mysql.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Streams of blocks, as the readers of others decode them.
class CodedOutputTests {

    private static final int HEAD = 10;

    private final Random random = seeded();
    private final BlockCompressors compressors = new BlockCompressors();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("CodedOutputTests: seed " + seed);
        return new Random(seed);
    }

    private byte[] piece(int most) {
        byte[] piece = new byte[1 + random.nextInt(most)];
        if (random.nextInt(4) == 0) {
            random.nextBytes(piece);
        } else {
            for (int i = 0; i < piece.length; i++) {
                piece[i] = (byte) ('a' + random.nextInt(1 + i % 9));
            }
        }
        return piece;
    }

    private int write(CodedOutput out, byte[] piece) throws IOException {
        written.writeBytes(piece);
        if (random.nextBoolean()) {
            return out.write(compressors.compress(out.coding(), piece, 0, piece.length));
        }
        byte[] within = new byte[piece.length + 20];
        System.arraycopy(piece, 0, within, 7, piece.length);
        return out.write(within, 7, piece.length);
    }

    private InputStream decoded(ContentCoding coding, byte[] bytes) throws IOException {
        InputStream in = new ByteArrayInputStream(bytes);
        return coding == ContentCoding.GZIP ? new GZIPInputStream(in) : new ZstdInputStream(in);
    }

    @ParameterizedTest
    @EnumSource(
            value = ContentCoding.class,
            names = {"GZIP", "ZSTD"})
    void blocksOfAnySizeAreOneStream(ContentCoding coding) throws IOException {
        CodedOutput out = compressors.stream(sent, coding);
        int count = 0;
        for (int i = 0; i < 100; i++) {
            count += write(out, piece(random.nextInt(10) == 0 ? 400_000 : 300));
        }
        count += out.finish();

        assertThat(decoded(coding, sent.toByteArray()).readAllBytes())
                .isEqualTo(written.toByteArray());
        assertThat(count).as("the bytes that it says it sent").isEqualTo(sent.size());
    }

    @Test
    void theLimitOfStoredBlocksIsNoSeam() throws IOException {
        CodedOutput out = compressors.stream(sent, ContentCoding.GZIP);
        for (int length = 1; length <= 2 * BlockCompressor.Stored.MOST; length++) {
            write(out, Arrays.copyOf(piece(10), length));
        }
        out.finish();

        assertThat(decoded(ContentCoding.GZIP, sent.toByteArray()).readAllBytes())
                .isEqualTo(written.toByteArray());
    }

    /// A heartbeat, for instance, can be decoded before anything follows.
    @Test
    void everythingWrittenCanBeDecodedAtOnce() throws IOException, DataFormatException {
        CodedOutput out = compressors.stream(sent, ContentCoding.GZIP);
        Inflater inflater = new Inflater(true);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] buffer = new byte[10_000];
        int fed = HEAD;
        for (int i = 0; i < 200; i++) {
            write(out, piece(3_000));
            byte[] so = sent.toByteArray();
            inflater.setInput(so, fed, so.length - fed);
            fed = so.length;
            while (!inflater.needsInput()) {
                read.write(buffer, 0, inflater.inflate(buffer));
            }
            assertThat(read.toByteArray()).isEqualTo(written.toByteArray());
        }
    }

    @RepeatedTest(5)
    void aStreamThatIsCutYieldsItsBeginning() throws IOException {
        CodedOutput out = compressors.stream(sent, ContentCoding.GZIP);
        NavigableMap<Integer, Integer> blocks = new TreeMap<>(Map.of(0, 0));
        for (int i = 0; i < 30; i++) {
            write(out, piece(5_000));
            blocks.put(sent.size(), written.size());
        }
        out.finish();
        byte[] whole = sent.toByteArray();
        for (int i = 0; i < 100; i++) {
            int cut = HEAD + random.nextInt(whole.length - HEAD);
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            try (InputStream in = decoded(ContentCoding.GZIP, Arrays.copyOf(whole, cut))) {
                assertThatThrownBy(() -> in.transferTo(read)).isInstanceOf(EOFException.class);
            }
            assertThat(read.toByteArray())
                    .isEqualTo(Arrays.copyOf(written.toByteArray(), read.size()));
            Integer least = blocks.floorEntry(cut).getValue();
            assertThat(read.size()).as("all blocks before the cut").isGreaterThanOrEqualTo(least);
        }
    }

    @Test
    void aStreamWithoutContentsIsWhole() throws IOException {
        compressors.stream(sent, ContentCoding.GZIP).finish();

        assertThat(decoded(ContentCoding.GZIP, sent.toByteArray()).readAllBytes()).isEmpty();
    }

    @Test
    void whatCannotBeCompressedBecomesHardlyLarger() {
        for (int length : new int[] {1_000, 65_536, 3_000_000}) {
            byte[] noise = new byte[length];
            random.nextBytes(noise);

            CompressedBlock block =
                    compressors.compress(ContentCoding.GZIP, noise, 0, noise.length);

            assertThat(block.bytes().length).isLessThan(length + length / 500 + 32);
        }
    }

    /// The compressors' native memory depends on the cores, not on the streams.
    @Test
    void manyStreamsShareFewCompressors() throws Exception {
        List<Future<?>> streams = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 500; i++) {
                byte[] piece = piece(2_000);
                streams.add(
                        threads.submit(
                                () -> {
                                    ByteArrayOutputStream to = new ByteArrayOutputStream();
                                    CodedOutput out = compressors.stream(to, ContentCoding.GZIP);
                                    out.write(piece, 0, piece.length);
                                    out.write(piece, 0, piece.length);
                                    out.finish();
                                    byte[] read =
                                            decoded(ContentCoding.GZIP, to.toByteArray())
                                                    .readAllBytes();
                                    assertThat(read).startsWith(piece).endsWith(piece);
                                    assertThat(read).hasSize(2 * piece.length);
                                    return null;
                                }));
            }
            for (Future<?> stream : streams) {
                stream.get();
            }
        }

        assertThat(compressors.kept())
                .isLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    }
}
