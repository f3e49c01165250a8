package io.fustor.source.mysql.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostRuleTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.0.1",
                "100.100.100.200",
                "168.63.129.16",
                "fe80::1",
                "fd00:ec2::254",
                "fd20:ce::254",
                "::ffff:169.254.169.254",
                "::169.254.169.254",
                "64:ff9b::a9fe:a9fe",
                "2002:a9fe:a9fe::1",
                "64:ff9b:1::a9fe:a9fe",
                "64:ff9b:1:a9fe:a9:fe00::",
                "64:ff9b:1:a9:fe:a9fe::",
                "64:ff9b:1:0:a9:fea9:fe00::",
                "::ffff:0:a9fe:a9fe",
                "2001:0:a9fe:a9fe::1",
                "2001:0:808:808:0:0:5601:5601",
                "2001:db8::5efe:a9fe:a9fe",
                "2001:db8::200:5efe:a9fe:a9fe",
                "64:ff9b::6464:64c8",
                "2002:a83f:8110::1",
                "fe80::1%1",
                "0.0.0.1",
                "255.255.255.255",
                "240.0.0.1",
                "::ffff:0:0",
                "::ffff:224.0.0.1",
                "fd00:ec2::253",
                "0.0.0.0",
                "::",
                "224.0.0.1",
                "ff02::1"
            })
    void defaultRefusesLinkLocalAndMetadataAddresses(String address) {
        assertThat(HostRule.DEFAULT.allow("db.example.org", at(address))).isFalse();
        assertThat(rule("*").allow("db.example.org", at(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "::1",
                "10.0.0.1",
                "192.168.1.1",
                "8.8.8.8",
                "169.253.0.1",
                "fd00::1",
                "2001:db8::1",
                "2002:0a00:0001::1",
                "64:ff9b:1::808:808",
                "64:ff9b::a00:1",
                "::ffff:10.0.0.1",
                "2001:0:808:808::f7f7:f7f7"
            })
    void defaultAllowsEveryOther(String address) {
        assertThat(HostRule.DEFAULT.allow("db.example.org", at(address))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "*.example.org, db.example.org, true",
        "*.example.org, DB.Example.ORG., true",
        "*.example.org, example.org, false",
        "*.example.org, db.example.org.evil.net, false",
        "*.example.org, dbxexample.org, false",
        "db-*.example.org, db-1.example.org, true",
        "db.example.org, db.example.org, true",
        "db.example.org, db2.example.org, false"
    })
    void namesMatchAsWhole(String pattern, String host, boolean allowed) {
        assertThat(rule(pattern).allow(host, at("10.0.0.1"))).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "10.0.0.128/25, 10.0.0.128, true",
        "10.0.0.128/25, 10.0.0.127, false",
        "10.0.0.1, 10.0.0.1, true",
        "10.0.0.1, 10.0.0.2, false",
        "0.0.0.0/0, 1.2.3.4, true",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "10.0.0.0/8, 2001:db8::1, false",
        "169.254.169.254, 169.254.169.254, true"
    })
    void networksJudgeTheAddress(String pattern, String address, boolean allowed) {
        assertThat(rule(pattern).allow("any.name", at(address))).isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0/33", "http://x", "a b", "10.0.0.0/-1", "x/8"})
    void refusesOtherPatterns(String pattern) {
        assertThatThrownBy(() -> rule(pattern)).hasMessageContaining("fustor.wizard.allowed-hosts");
    }

    @Test
    void oneOfSeveralIsEnough() {
        var rule = new HostRule(List.of("*.example.org", "10.0.0.0/8"));

        assertThat(rule.allow("db.example.org", at("192.168.0.1"))).isTrue();
        assertThat(rule.allow("other", at("10.0.0.1"))).isTrue();
        assertThat(rule.allow("other", at("192.168.0.1"))).isFalse();
    }

    private static HostRule rule(String pattern) {
        return new HostRule(List.of(pattern));
    }

    private static InetAddress at(String address) {
        return InetAddress.ofLiteral(address);
    }

    /// A resolver hands an AAAA record over as it is; Java's own parser makes IPv4 of it.
    @Test
    void judgesAMappedAddressAsTheResolverGivesIt() throws Exception {
        var bytes = HexFormat.of().parseHex("00000000000000000000ffffa9fea9fe");
        var mapped = Inet6Address.getByAddress("db.example.org", bytes, -1);

        assertThat(mapped).isInstanceOf(Inet6Address.class);
        assertThat(HostRule.DEFAULT.allow("db.example.org", mapped)).isFalse();
        assertThat(rule("*").allow("db.example.org", mapped)).isFalse();
        assertThat(rule("::/0").allow("db.example.org", mapped)).isFalse();
        assertThat(rule("169.254.0.0/16").allow("db.example.org", mapped)).isTrue();
    }

    @Test
    void aNetworkOfTranslatedAddressesDoesNotPermitWhereTheyLead() {
        var address = at("64:ff9b::a9fe:a9fe");

        assertThat(rule("64:ff9b::/96").allow("x", address)).isFalse();
        assertThat(rule("64:ff9b::/96").allow("x", at("64:ff9b::808:808"))).isTrue();
        assertThat(new HostRule(List.of("64:ff9b::/96", "169.254.0.0/16")).allow("x", address))
                .isTrue();
    }

    /// Whatever a libc would make an address of.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
                        "0xa9.254.169.254",
                "169.254.169.254.", "169.254.169.0376", "0177.0.0.1", "127.1", "1.2.3.4.5"
            })
    void anAddressHasOneSpelling(String host) {
        assertThatThrownBy(() -> ServerAddress.parse(host + ":3306"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
