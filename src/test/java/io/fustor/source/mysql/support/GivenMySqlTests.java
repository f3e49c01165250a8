package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GivenMySqlTests {

    @Test
    void urlNamesServerAndLogin() {
        assertThat(GivenMySql.of("mysql://someone:a:b%40c@db.example:3307"))
                .isEqualTo(new GivenMySql("db.example", 3307, "someone", "a:b@c"));
    }

    @Test
    void portIsMySqlsUnlessSaid() {
        assertThat(GivenMySql.of("mysql://root@localhost"))
                .isEqualTo(new GivenMySql("localhost", 3306, "root", ""));
    }

    @Test
    void refusesOtherUrls() {
        assertThatThrownBy(() -> GivenMySql.of("jdbc:mysql://localhost/"))
                .hasMessageContaining("FUSTOR_TEST_MYSQL_URL");
    }
}
