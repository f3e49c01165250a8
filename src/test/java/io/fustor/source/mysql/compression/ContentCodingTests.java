package io.fustor.source.mysql.compression;

import static io.fustor.source.mysql.compression.ContentCoding.GZIP;
import static io.fustor.source.mysql.compression.ContentCoding.IDENTITY;
import static io.fustor.source.mysql.compression.ContentCoding.ZSTD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentCodingTests {

    private static final Set<ContentCoding> BOTH = EnumSet.of(GZIP, ZSTD);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip | GZIP",
                "x-gzip | GZIP",
                "GZip | GZIP",
                "zstd | ZSTD",
                "deflate, gzip, br, zstd | GZIP",
                "zstd, gzip | GZIP",
                "gzip;q=0.5, zstd | ZSTD",
                "gzip;q=0.5, zstd;q=0.5 | GZIP",
                "gzip ; q = 0.2 , zstd;q=0.1 | GZIP",
                "gzip;q=0 | IDENTITY",
                "gzip;q=0.000, zstd;q=0.001 | ZSTD",
                "gzip;q=0.5, identity | IDENTITY",
                "gzip, identity | GZIP",
                "identity;q=0.1, zstd;q=0.2 | ZSTD",
                "identity;q=0 | IDENTITY",
                "identity | IDENTITY",
                "br, deflate | IDENTITY",
                "* | GZIP",
                "gzip;q=0, * | ZSTD",
                "*;q=0 | IDENTITY",
                "*;q=0, gzip | GZIP",
                "*;q=0.5, zstd;q=0.6 | ZSTD",
                "gzip;q=2 | IDENTITY",
                "gzip;q=-1, zstd;q=x | IDENTITY",
                "gzip;level=1 | IDENTITY",
                "gzipped, notzstd | IDENTITY",
                "'' | IDENTITY",
                "',;,=' | IDENTITY",
            })
    void choosesWhatTheClientWeighsHighest(String accepted, ContentCoding expected) {
        assertThat(ContentCoding.choose(List.of(accepted), BOTH)).isEqualTo(expected);
    }

    @Test
    void severalHeadersAreOneList() {
        assertThat(ContentCoding.choose(List.of("gzip;q=0.3", "zstd;q=0.4"), BOTH)).isEqualTo(ZSTD);
    }

    @Test
    void withoutTheHeaderNothingIsCompressed() {
        assertThat(ContentCoding.choose(List.of(), BOTH)).isEqualTo(IDENTITY);
    }

    @Test
    void onlyWhatIsOfferedIsChosen() {
        assertThat(ContentCoding.choose(List.of("gzip, zstd"), Set.of(ZSTD))).isEqualTo(ZSTD);
        assertThat(ContentCoding.choose(List.of("zstd, *"), Set.of(GZIP))).isEqualTo(GZIP);
        assertThat(ContentCoding.choose(List.of("gzip, zstd, *"), Set.of())).isEqualTo(IDENTITY);
    }
}
