package io.fustor.source.mysql.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTests {

    @ParameterizedTest
    @CsvSource({
        "db.example.org:3306, db.example.org, 3306",
        "my_db:1, my_db, 1",
        "DB-1.example.:65535, DB-1.example., 65535",
        "10.0.0.255:3306, 10.0.0.255, 3306",
        "[::1]:3306, ::1, 3306",
        "[fe80::1%eth0]:3306, fe80::1%eth0, 3306",
        "[::ffff:10.0.0.1]:3306, ::ffff:10.0.0.1, 3306",
        "[2001:DB8::8:800:200C:417A]:3306, 2001:DB8::8:800:200C:417A, 3306"
    })
    void readsNamesAndAddresses(String text, String host, int port) {
        assertThat(ServerAddress.parse(text)).isEqualTo(new ServerAddress(host, port));
        assertThat(ServerAddress.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "db",
                ":3306",
                "db:",
                "db:0",
                "db:65536",
                "db:033066",
                "db:-1",
                "db:3306/",
                "db:3306?allowLoadLocalInfile=true",
                "db:3306/?autoDeserialize=true",
                "db/x:3306",
                "db,other:3306",
                "(host=db,port=3306):3306",
                "address=(host=db):3306",
                "user@db:3306",
                "user:password@db:3306",
                "jdbc:mysql://db:3306",
                "db :3306",
                " db:3306",
                "db:3306\n",
                "db#x:3306",
                "db%00:3306",
                "d\u00fcb:3306",
                "-db:3306",
                "db-:3306",
                "db..example:3306",
                ".db:3306",
                "1:3306",
                "127.1:3306",
                "2130706433:3306",
                "0x7f000001:3306",
                "0x7f.1:3306",
                "127.0.0.256:3306",
                "127.0.0.01:3306",
                "1.2.3.4.5:3306",
                "::1:3306",
                "[::1:3306",
                "[127.0.0.1]:3306",
                "[db]:3306",
                "[::1::]:3306",
                "[:::]:3306",
                "[::1]3306",
                "[::1%]:3306",
                "[::1%a/b]:3306",
                "[12345::]:3306"
            })
    void refusesEverythingElse(String text) {
        assertThatThrownBy(() -> ServerAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("uri must");
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 300})
    void refusesNamesThatAreTooLong(int length) {
        assertThatThrownBy(() -> ServerAddress.parse("a".repeat(length) + ":3306"))
                .hasMessageContaining("uri must be host:port");
    }
}
