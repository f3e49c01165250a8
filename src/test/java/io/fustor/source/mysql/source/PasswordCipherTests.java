package io.fustor.source.mysql.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

class PasswordCipherTests {

    private static final String KEY = key(1);

    @TempDir private Path folder;

    private final SingleConnectionDataSource database =
            new SingleConnectionDataSource("jdbc:h2:mem:", true);
    private final JdbcClient client = JdbcClient.create(database);

    @BeforeEach
    void createTable() {
        client.sql("create table encryption_check (id int primary key, encrypted varchar(200))")
                .update();
    }

    @AfterEach
    void closeDatabase() {
        database.destroy();
    }

    @Test
    void decryptsWhatItEncrypted() {
        var cipher = cipher(KEY);

        assertThat(cipher.decrypt(cipher.encrypt("pässwörd ' \" \\ %")))
                .isEqualTo("pässwörd ' \" \\ %");
        assertThat(cipher.decrypt(cipher.encrypt(""))).isEmpty();
    }

    @Test
    void encryptsTheSameDifferentlyEachTime() {
        var cipher = cipher(KEY);

        assertThat(cipher.encrypt("secret")).isNotEqualTo(cipher.encrypt("secret"));
    }

    @Test
    void noticesAChange() {
        var cipher = cipher(KEY);
        var bytes = Base64.getDecoder().decode(cipher.encrypt("secret"));
        bytes[bytes.length - 1] ^= 1;

        assertThatThrownBy(() -> cipher.decrypt(Base64.getEncoder().encodeToString(bytes)))
                .isInstanceOf(ConfigurationException.class);
    }

    @Test
    void refusesAnotherKeyAtStart() {
        cipher(KEY);

        assertThatThrownBy(() -> cipher(key(2)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("another key")
                .hasMessageNotContaining(key(2));
    }

    @Test
    void refusesAKeyOfAnotherForm() {
        assertThatThrownBy(() -> cipher("c2hvcnQ="))
                .hasMessageContainingAll("fustor.security.encryption-key", "32 bytes")
                .hasMessageNotContaining("c2hvcnQ=");
        assertThatThrownBy(() -> cipher("not base64!")).hasMessageContaining("32 bytes");
    }

    @Test
    void makesAKeyFileThatOnlyItsOwnerReads() throws IOException {
        var encrypted = cipher(null).encrypt("secret");
        var file = folder.resolve("encryption.key");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(cipher(null).decrypt(encrypted)).isEqualTo("secret");
    }

    @Test
    void makesNoNewKeyWhereTheFormerIsMissing() throws IOException {
        cipher(null);
        var file = folder.resolve("encryption.key");
        Files.delete(file);

        assertThatThrownBy(() -> cipher(null)).hasMessageContaining(file.toString());
        assertThat(file).doesNotExist();
    }

    @Test
    void showsNoKeyAsText() {
        assertThat(properties(KEY).toString()).doesNotContain(KEY);
    }

    private PasswordCipher cipher(String key) {
        return new PasswordCipher(properties(key), client);
    }

    private SourceProperties properties(String key) {
        return new SourceProperties(
                folder, null, Duration.ofSeconds(5), Map.of(), new SourceProperties.Security(key));
    }

    private static String key(int seed) {
        var bytes = new byte[32];
        bytes[0] = (byte) seed;
        return Base64.getEncoder().encodeToString(bytes);
    }
}
