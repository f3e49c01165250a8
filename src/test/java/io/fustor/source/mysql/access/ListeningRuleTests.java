package io.fustor.source.mysql.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.mock.env.MockEnvironment;

class ListeningRuleTests {

    @Test
    void keepsToThisMachineWithoutTokens() {
        assertThat(address()).isEqualTo("127.0.0.1");
    }

    @Test
    void acceptsAnotherAddressOfThisMachine() {
        assertThat(address("server.address", "::1")).isEqualTo("::1");
    }

    @Test
    void refusesAnotherAddressWithoutTokens() {
        assertThatThrownBy(() -> address("server.address", "0.0.0.0"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "server.address=0.0.0.0", "fustor.security.tokens", "fustor.security.open");
    }

    @Test
    void listensEverywhereWithTokens() {
        assertThat(address("fustor.security.tokens", "a:reader:s")).isNull();
        assertThat(address("fustor.security.tokens[0]", "a:reader:s", "server.address", "0.0.0.0"))
                .isEqualTo("0.0.0.0");
    }

    @Test
    void listensEverywhereWhereItIsOpen() {
        assertThat(address("fustor.security.open", "true", "server.address", "0.0.0.0"))
                .isEqualTo("0.0.0.0");
    }

    @Test
    void keepsAManagementPortToThisMachineToo() {
        var environment = new MockEnvironment().withProperty("management.server.port", "8081");

        apply(environment);

        assertThat(environment.getProperty("management.server.address")).isEqualTo("127.0.0.1");
    }

    @Test
    void refusesAnotherManagementAddressWithoutTokens() {
        var environment =
                new MockEnvironment()
                        .withProperty("management.server.port", "8081")
                        .withProperty("management.server.address", "0.0.0.0");

        assertThatThrownBy(() -> apply(environment))
                .hasMessageContaining("management.server.address=0.0.0.0");
    }

    private static String address(String... properties) {
        var environment = new MockEnvironment();
        for (int i = 0; i < properties.length; i += 2) {
            environment.withProperty(properties[i], properties[i + 1]);
        }
        apply(environment);
        return environment.getProperty("server.address");
    }

    private static void apply(MockEnvironment environment) {
        new ListeningRule().postProcessEnvironment(environment, new SpringApplication());
    }
}
