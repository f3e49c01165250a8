package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.bench.Report;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// What one cell of a row image takes on its way to JSON, in time and in new objects, by JMH.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmarks {

    private static final int SECONDS = Integer.getInteger("bench.codec.seconds", 5);

    /// The kinds of cells, by what the table of figures calls them.
    public enum Cell {
        INT,
        BIGINT_UNSIGNED,
        DECIMAL_14_4,
        DATETIME_6,
        TIMESTAMP_3,
        DOUBLE,
        ENUM,
        VARCHAR_60_ASCII,
        TEXT_4_KB_CHINESE,
        JSON_110_BYTES
    }

    @Param public Cell cell;

    private final JsonBuffer out = new JsonBuffer(64 * 1024);
    private CellCodec codec;
    private byte[] row;

    @Setup
    public void prepare() {
        codec = CellCodecs.of(column(cell), false);
        row = row(cell);
    }

    private static Column column(Cell cell) {
        return switch (cell) {
            case INT -> Cells.column(ColumnType.INT);
            case BIGINT_UNSIGNED -> Cells.unsigned(ColumnType.BIGINT);
            case DECIMAL_14_4 -> Cells.column(ColumnType.DECIMAL, 14, 4);
            case DATETIME_6 -> Cells.column(ColumnType.DATETIME, 0, 6);
            case TIMESTAMP_3 -> Cells.column(ColumnType.TIMESTAMP, 0, 3);
            case DOUBLE -> Cells.column(ColumnType.DOUBLE);
            case ENUM -> Cells.text(ColumnType.ENUM, 1, 255, "new", "paid", "packed", "shipped");
            case VARCHAR_60_ASCII -> Cells.text(ColumnType.VARCHAR, 240, 255);
            case TEXT_4_KB_CHINESE -> Cells.text(ColumnType.TEXT, 2, 255);
            case JSON_110_BYTES -> Cells.column(ColumnType.JSON, 4, 0);
        };
    }

    private static byte[] row(Cell cell) {
        return switch (cell) {
            case INT -> hex("d2029649");
            case BIGINT_UNSIGNED -> hex("15cd5b0700000000");
            case DECIMAL_14_4 -> hex("810dfb38d204d2");
            case DATETIME_6 -> hex("99b2bb7efb01e240");
            case TIMESTAMP_3 -> hex("65e11a7f04ce");
            case DOUBLE -> hex("77be9f1a2fdd5e40");
            case ENUM -> hex("03");
            case VARCHAR_60_ASCII -> text("an ordinary note of sixty characters, for whom it may concern", 1);
            case TEXT_4_KB_CHINESE -> text("订单已经送到了".repeat(195), 2);
            case JSON_110_BYTES -> document();
        };
    }

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes);
    }

    private static byte[] text(String text, int prefix) {
        return afterLength(text.getBytes(StandardCharsets.UTF_8), prefix);
    }

    private static byte[] document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("gift", true);
        document.put("sku", "0a4d55a8d778");
        document.put("tags", List.of("new", "c4ca4238a0b923820dcc509a6f75849b"));
        document.put("count", (short) 1);
        document.put("price", 712.34);
        return afterLength(new BinaryJsonWriter(false).document(document), 4);
    }

    private static byte[] afterLength(byte[] bytes, int prefix) {
        byte[] row = new byte[prefix + bytes.length];
        System.arraycopy(BinaryJsonWriter.little(bytes.length, prefix), 0, row, 0, prefix);
        System.arraycopy(bytes, 0, row, prefix, bytes.length);
        return row;
    }

    /// Writes the cell after the last one until the buffer is nearly full: as a row does it.
    @Benchmark
    public int write() {
        if (out.size() > 32 * 1024) {
            out.reset();
        }
        return codec.write(row, 0, out);
    }

    @Test
    void printsTheTimeOfACell() throws RunnerException {
        Options options =
                new OptionsBuilder()
                        .include(CodecBenchmarks.class.getName())
                        .forks(1)
                        .warmupIterations(2)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(SECONDS)
                        .measurementTime(TimeValue.seconds(1))
                        .addProfiler(GCProfiler.class)
                        .build();
        Collection<RunResult> results = new Runner(options).run();
        StringBuilder table =
                new StringBuilder(
                        "### Cells\n\n| cell | ns | bytes allocated |\n| --- | --- | --- |\n");
        for (RunResult result : results) {
            table.append(
                    "| %s | %.1f ± %.1f | %.3f |%n"
                            .formatted(
                                    result.getParams().getParam("cell"),
                                    result.getPrimaryResult().getScore(),
                                    result.getPrimaryResult().getScoreError(),
                                    result.getSecondaryResults()
                                            .get("gc.alloc.rate.norm")
                                            .getScore()));
        }
        Report.table(table.toString());
    }
}
