package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;

class DescriptorsTests {

    /// The rest always gets descriptors, and clients always some.
    @ParameterizedTest
    @CsvSource({
        "1048576, 8192, 8192",
        "8392, 8192, 8192",
        "8391, 8192, 8191",
        "1024, 8192, 824",
        "256, 8192, 128",
        "64, 8192, 32",
        "9223372036854775807, 8192, 8192"
    })
    void clientsLeaveDescriptorsToTheRest(long limit, int wanted, int clients) {
        assertThat(new Descriptors(limit, 200).clients(wanted)).isEqualTo(clients);
    }

    @org.junit.jupiter.api.Test
    void keepsWhatTheConfigurationMayNeed() {
        var environment =
                new MockEnvironment()
                        .withProperty("fustor.feed.max-catch-up", "100")
                        .withProperty("fustor.feed.max-snapshots", "50");

        assertThat(Descriptors.of(environment).kept()).isEqualTo(128 + 100 + 4 * 50);
        assertThat(Descriptors.of(environment).limit()).isPositive();
    }
}
