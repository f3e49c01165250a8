package io.fustor.source.mysql.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NameRuleTests {

    @Test
    void followsTheServersVariable() {
        assertThat(NameRule.of(0)).isEqualTo(NameRule.EXACT);
        assertThat(NameRule.of(1)).isEqualTo(NameRule.LOWER_CASE);
        assertThat(NameRule.of(2)).isEqualTo(NameRule.LOWER_CASE);
    }

    @Test
    void keepsNamesOrLowersThem() {
        TableId written = new TableId("Shop", "GRÜN");

        assertThat(NameRule.EXACT.stored(written)).isSameAs(written);
        assertThat(NameRule.LOWER_CASE.stored(written)).isEqualTo(new TableId("shop", "grün"));
        assertThat(NameRule.LOWER_CASE.stored("plain")).isSameAs("plain");
    }

    @Test
    void lowersEachLetterByItself() {
        assertThat(NameRule.LOWER_CASE.stored("ΣΑΣ İ")).isEqualTo("σασ i");
    }

    @Test
    void leavesLettersThatTheServersDoNotKnow() {
        assertThat(NameRule.LOWER_CASE.stored("ȠẞႠⰀ Ꞌ")).isEqualTo("ȠẞႠⰀ Ꞌ");
    }

    @Test
    void foldsNamesOfColumnsOnAnyServer() {
        assertThat(NameRule.column("Größe_ID")).isEqualTo("größe_id");
    }
}
