package io.fustor.source.mysql.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.schema.TableId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrantsTests {

    private static final TableId ORDERS = new TableId("shop", "orders");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION",
                "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO `u`@`%`",
                "GRANT SELECT, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*AB'",
                "GRANT REPLICATION CLIENT, SELECT, REPLICATION SLAVE ON *.* TO u@localhost"
            })
    void readsGlobalGrantsOfEveryFlavour(String line) {
        var grants = parse(line);

        assertThat(grants.mayReplicate()).isTrue();
        assertThat(grants.maySeePositions()).isTrue();
        assertThat(grants.maySelectEverything()).isTrue();
        assertThat(grants.maySelect(ORDERS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GRANT SELECT ON `shop`.* TO `u`@`%` | true",
                "GRANT SELECT ON `sh%`.* TO `u`@`%` | true",
                "GRANT SELECT ON `s__p`.* TO `u`@`%` | true",
                "GRANT SELECT ON `s_p`.* TO `u`@`%` | false",
                "GRANT SELECT ON `sho\\_`.* TO `u`@`%` | false",
                "GRANT SELECT ON `shop`.`orders` TO `u`@`%` | true",
                "GRANT SELECT ON `shop`.`order_` TO `u`@`%` | false",
                "GRANT SELECT (`id`, `a on b`, `c``)`), INSERT ON `shop`.`orders` TO `u`@`%` | false",
                "GRANT INSERT (`id`), SELECT ON `shop`.`orders` TO `u`@`%` | true",
                "GRANT INSERT ON `shop`.* TO `u`@`%` | false",
                "GRANT ALL PRIVILEGES ON `shop`.* TO `u`@`%` | true",
                "GRANT EXECUTE ON PROCEDURE `shop`.`orders` TO `u`@`%` | false",
                "GRANT PROXY ON ``@`` TO `u`@`%` WITH GRANT OPTION | false",
                "GRANT USAGE ON *.* TO `SELECT ON *.* TO`@`%` | false",
                "SELECT ON *.* | false"
            })
    void judgesOneTable(String line, boolean expected) {
        assertThat(parse(line).maySelect(ORDERS)).isEqualTo(expected);
        assertThat(parse(line).maySelectEverything()).isFalse();
        assertThat(parse(line).mayReplicate()).isFalse();
    }

    @Test
    void wildcardsAreLiteralWhilePartialRevokesAreOn() {
        var grants = Grants.parse(List.of("GRANT SELECT ON `sho_`.* TO `u`@`%`"), false);

        assertThat(grants.maySelect(ORDERS)).isFalse();
        assertThat(grants.maySelect(new TableId("sho_", "t"))).isTrue();
    }

    @Test
    void partialRevokeTakesItsSchemaOut() {
        var grants =
                parse(
                        "GRANT SELECT ON *.* TO `u`@`%`",
                        "REVOKE SELECT ON `shop`.* FROM `u`@`%`",
                        "REVOKE SELECT ON `mysql`.* FROM `u`@`%`");

        assertThat(grants.maySelectEverything()).isFalse();
        assertThat(grants.maySelect(ORDERS)).isFalse();
        assertThat(grants.maySelect(new TableId("other", "t"))).isTrue();
    }

    @Test
    void revokeOnASystemSchemaIsNoMatter() {
        var grants =
                parse("GRANT SELECT ON *.* TO `u`@`%`", "REVOKE SELECT ON `mysql`.* FROM `u`@`%`");

        assertThat(grants.maySelectEverything()).isTrue();
    }

    @Test
    void rolesKeepTheServersQuoting() {
        assertThat(parse("GRANT `r1`@`%`,`odd``, TO`@`10.%` TO `u`@`%`").roles())
                .containsExactly("`r1`@`%`", "`odd``, TO`@`10.%`");
        assertThat(parse("GRANT `r1` TO `u`@`%`").roles()).containsExactly("`r1`");
    }

    private static Grants parse(String... lines) {
        return Grants.parse(List.of(lines), true);
    }
}
