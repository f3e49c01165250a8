package io.fustor.source.mysql.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostRuleTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "::1",
                "10.0.0.1",
                "192.168.1.1",
                "8.8.8.8",
                "no-such-host.invalid"
            })
    void allowsOrdinaryHosts(String host) {
        assertThat(isAllowed(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.1.1",
                "fe80::1",
                "fd00:ec2::254",
                "FD00:EC2:0:0:0:0:0:254",
                "100.100.100.200",
                "::ffff:169.254.169.254"
            })
    void refusesLinkLocalAndMetadataAddresses(String host) {
        assertThat(isAllowed(host)).isFalse();
        assertThat(isAllowed(host, "*")).isFalse();
    }

    @Test
    void allowsSuchAnAddressWhereItIsListed() {
        assertThat(isAllowed("169.254.1.1", "169.254.1.1")).isTrue();
        assertThat(isAllowed("fd00:ec2::254", "fd00:ec2::254")).isTrue();
    }

    @Test
    void allowsOnlyWhatIsListed() {
        assertThat(isAllowed("a.db.invalid", "*.db.invalid", "127.0.0.*")).isTrue();
        assertThat(isAllowed("A.DB.invalid", "*.db.invalid")).isTrue();
        assertThat(isAllowed("127.0.0.9", "*.db.invalid", "127.0.0.*")).isTrue();
        assertThat(isAllowed("db.invalid", "*.db.invalid")).isFalse();
        assertThat(isAllowed("a.dbxinvalid", "*.db.invalid")).isFalse();
        assertThat(isAllowed("10.0.0.1", "127.0.0.*")).isFalse();
    }

    @Test
    void refusesPatternsOfAnotherForm() {
        assertThatThrownBy(() -> new HostRule(List.of("a b")))
                .hasMessageContaining("fustor.wizard.allowed-hosts");
    }

    @Test
    void saysWhatToChange() {
        var failure = catchThrowable(() -> require("169.254.169.254"));

        assertThat(failure).hasMessageContainingAll("169.254.169.254", "allowed-hosts");
    }

    private static boolean isAllowed(String host, String... allowed) {
        try {
            require(host, allowed);
            return true;
        } catch (SourceException e) {
            assertThat(e.code()).isEqualTo(FailureCode.HOST_FORBIDDEN);
            return false;
        }
    }

    private static void require(String host, String... allowed) {
        new HostRule(List.of(allowed)).require(new ServerAddress(host, 3306));
    }
}
