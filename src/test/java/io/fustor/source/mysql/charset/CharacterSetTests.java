package io.fustor.source.mysql.charset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class CharacterSetTests {

    @Test
    void decodesLabelsOfAnySet() {
        assertThat(decoded(CharacterSet.UTF8MB4, "e4b8ad")).isEqualTo("中");
        assertThat(decoded(CharacterSet.GBK, "d6d061")).isEqualTo("中a");
        assertThat(decoded(CharacterSet.LATIN1, "8081")).isEqualTo("€\u0081");
        assertThat(decoded(CharacterSet.UJIS, "8ec4a4a28fb0a1")).isEqualTo("ﾄあ丂");
        assertThat(decoded(CharacterSet.UTF16LE, "41003dd800de")).isEqualTo("A\uD83D\uDE00");
        assertThat(decoded(CharacterSet.UTF16LE, "410041")).isEqualTo("A\uFFFD");
    }

    @Test
    void decodesOneTwoAndFourBytesOfGb18030() {
        assertThat(decoded(CharacterSet.GB18030, "61d6d08130813090308130e3329a35"))
                .isEqualTo("a中\u0080\uD800\uDC00\uDBFF\uDFFF");
    }

    @Test
    void keepsToTheGb18030Of2005() {
        assertThat(decoded(CharacterSet.GB18030, "a6d984318236")).isEqualTo("\uE78D\uFE10");
    }

    @Test
    void swallowsNoAsciiCharacterThatIsPartOfNone() {
        assertThat(decoded(CharacterSet.GB18030, "80")).isEqualTo("\uFFFD");
        assertThat(decoded(CharacterSet.GB18030, "8022")).isEqualTo("\uFFFD\"");
        assertThat(decoded(CharacterSet.GB18030, "813022")).isEqualTo("\uFFFD0\"");
        assertThat(decoded(CharacterSet.GB18030, "81302222")).isEqualTo("\uFFFD0\"\"");
        assertThat(decoded(CharacterSet.GB18030, "81308122")).isEqualTo("\uFFFD0\uFFFD\"");
        assertThat(decoded(CharacterSet.GB18030, "ff308130")).isEqualTo("\uFFFD0\uFFFD0");
        assertThat(decoded(CharacterSet.GB18030, "fe39fe39")).isEqualTo("\uFFFD");
        assertThat(decoded(CharacterSet.UJIS, "8fb022")).isEqualTo("\uFFFD\"");
        assertThat(decoded(CharacterSet.UJIS, "8f22")).isEqualTo("\uFFFD\"");
        assertThat(decoded(CharacterSet.UJIS, "8fb0")).isEqualTo("\uFFFD");
        assertThat(decoded(CharacterSet.BIG5, "a422")).isEqualTo("\uFFFD\"");
    }

    @Test
    void readsWhatTheServerKnowsNoCharacterForAsOneUnknown() {
        assertThat(decoded(CharacterSet.GBK, "aaa1a2e3a14061")).isEqualTo("\uFFFD\uFFFD\uFFFDa");
        assertThat(decoded(CharacterSet.BIG5, "c84061")).isEqualTo("\uFFFDa");
        assertThat(decoded(CharacterSet.GREEK, "a461")).isEqualTo("\uFFFDa");
    }

    @Test
    void refusesTextWithoutCharacters() {
        assertThatThrownBy(() -> decoded(CharacterSet.BINARY, "61"))
                .isInstanceOf(SourceException.class);
    }

    private static String decoded(CharacterSet set, String hex) {
        byte[] text = HexFormat.of().parseHex(hex);
        return set.decode(text, 0, text.length);
    }
}
