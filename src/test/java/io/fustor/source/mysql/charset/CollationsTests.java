package io.fustor.source.mysql.charset;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CollationsTests {

    @Test
    void knowsTheOnesInUse() {
        assertThat(Collations.characterSet(255)).isEqualTo(CharacterSet.UTF8MB4);
        assertThat(Collations.characterSet(45)).isEqualTo(CharacterSet.UTF8MB4);
        assertThat(Collations.characterSet(33)).isEqualTo(CharacterSet.UTF8MB3);
        assertThat(Collations.characterSet(8)).isEqualTo(CharacterSet.LATIN1);
        assertThat(Collations.characterSet(63)).isEqualTo(CharacterSet.BINARY);
        assertThat(Collations.characterSet(323)).isEqualTo(CharacterSet.UTF8MB4);
    }

    @Test
    void knowsThoseOfMariaDb() {
        assertThat(Collations.characterSet(576)).isEqualTo(CharacterSet.UTF8MB3);
        assertThat(Collations.characterSet(608)).isEqualTo(CharacterSet.UTF8MB4);
        assertThat(Collations.characterSet(736)).isEqualTo(CharacterSet.UTF32);
        assertThat(Collations.characterSet(1025)).isEqualTo(CharacterSet.BIG5);
        assertThat(Collations.characterSet(1071)).isEqualTo(CharacterSet.LATIN1);
        assertThat(Collations.characterSet(1270)).isEqualTo(CharacterSet.UTF8MB4);
        assertThat(Collations.characterSet(2048)).isEqualTo(CharacterSet.UTF8MB3);
        assertThat(Collations.characterSet(2304)).isEqualTo(CharacterSet.UTF8MB4);
        assertThat(Collations.characterSet(2560)).isEqualTo(CharacterSet.UCS2);
        assertThat(Collations.characterSet(2816)).isEqualTo(CharacterSet.UTF16);
        assertThat(Collations.characterSet(3271)).isEqualTo(CharacterSet.UTF32);
    }

    @Test
    void doesNotKnowOthers() {
        for (int none : new int[] {-1, 0, 17, 100, 127, 272, 324, 575, 1000, 3328, 65535}) {
            assertThat(Collations.characterSet(none)).as("%d", none).isNull();
        }
    }
}
