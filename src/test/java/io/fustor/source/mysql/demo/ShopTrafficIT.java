package io.fustor.source.mysql.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.fustor.source.mysql.support.TestMySql;
import org.junit.jupiter.api.Test;

class ShopTrafficIT {

    @Test
    void everyKindOfTransactionWorksAndOrdersStayFew() throws Exception {
        try (var mysql = TestMySql.start()) {
            Shop.createIn(mysql);
            var traffic = new ShopTraffic(mysql);

            for (int i = 0; i < 25 * ShopTraffic.STEPS; i++) {
                int step = i % ShopTraffic.STEPS;
                assertThatCode(() -> traffic.run(step))
                        .as("step %d", step)
                        .doesNotThrowAnyException();
            }

            try (var connection = mysql.jdbc();
                    var orders =
                            connection
                                    .createStatement()
                                    .executeQuery("SELECT COUNT(*) FROM shop.orders")) {
                assertThat(orders.next()).isTrue();
                assertThat(orders.getInt(1)).isBetween(10, 45);
            }
            traffic.end();
        }
    }
}
