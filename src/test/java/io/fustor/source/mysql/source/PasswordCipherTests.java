package io.fustor.source.mysql.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.settings.SecurityProperties;
import io.fustor.source.mysql.state.TestState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
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
        client.sql("create table sources (id varchar(64) primary key, password varchar(2000))")
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
        var encrypted = cipher.encrypt("secret").substring(id(cipher).length());
        var bytes = Base64.getDecoder().decode(encrypted);
        bytes[bytes.length - 1] ^= 1;
        var changed = id(cipher) + Base64.getEncoder().encodeToString(bytes);

        assertThatThrownBy(() -> cipher.decrypt(changed))
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
    void encryptsAllAnewUnderANewKey() {
        var old = cipher(KEY);
        save("a", old.encrypt("one"));
        save("b", old.encrypt("two"));

        var cipher = cipherOf(properties(key(2), KEY));

        assertThat(stored()).allSatisfy((_, text) -> assertThat(text).startsWith(id(cipher)));
        assertThat(cipher.decrypt(stored().get("a"))).isEqualTo("one");
        var without = cipher(key(2));
        assertThat(without.decrypt(stored().get("b"))).isEqualTo("two");
        assertThatThrownBy(() -> cipher(KEY)).hasMessageContaining("another key");
    }

    @Test
    void findsTheRightOneOfSeveralFormerKeys() {
        save("a", cipher(key(3)).encrypt("one"));

        var cipher = cipherOf(properties(key(4), KEY, key(2), key(3)));

        assertThat(cipher.decrypt(stored().get("a"))).isEqualTo("one");
        assertThat(cipher(key(4)).decrypt(stored().get("a"))).isEqualTo("one");
    }

    @Test
    void changesNothingWhereAFormerKeyIsMissing() {
        save("a", cipher(KEY).encrypt("one"));
        // Saved under a key that is not configured: as if the rotation had missed it.
        var before = stored();
        save("b", PasswordKey.of(new SecretKeySpec(new byte[32], "AES")).encrypt("two"));
        var all = stored();

        assertThatThrownBy(() -> cipher(key(2))).hasMessageContaining("another key");
        assertThatThrownBy(() -> cipherOf(properties(key(2), KEY)))
                .isInstanceOf(ConfigurationException.class);
        assertThat(stored()).isEqualTo(all);
        client.sql("delete from sources where id = 'b'").update();
        assertThat(stored()).isEqualTo(before);
        assertThat(cipher(KEY).decrypt(stored().get("a"))).isEqualTo("one");
    }

    /// As versions before key ids stored it.
    @Test
    void takesOverTextsWithoutAKeyId() {
        var old = cipher(KEY);
        save("a", old.encrypt("one").substring(id(old).length()));
        client.sql("update encryption_check set encrypted = substring(encrypted, 10)").update();

        var cipher = cipher(KEY);

        assertThat(stored().get("a")).startsWith(id(cipher));
        assertThat(cipher.decrypt(stored().get("a"))).isEqualTo("one");
    }

    @Test
    void changesOverToANewKeyFileWhereTheFormerIsPutAside() throws IOException {
        save("a", cipher(null).encrypt("one"));
        var file = folder.resolve("encryption.key");
        Files.move(file, folder.resolve("encryption.key.previous"));

        cipher(null);
        Files.delete(folder.resolve("encryption.key.previous"));

        assertThat(cipher(null).decrypt(stored().get("a"))).isEqualTo("one");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void changesOverFromTheKeyFileToAConfiguredKey() throws IOException {
        save("a", cipher(null).encrypt("one"));

        cipher(KEY);
        Files.delete(folder.resolve("encryption.key"));

        assertThat(cipher(KEY).decrypt(stored().get("a"))).isEqualTo("one");
    }

    @Test
    void agreesOnOneKeyFileWithOthersThatStart() throws Exception {
        Callable<byte[]> start =
                () -> EncryptionKey.find(properties(null), folder, true).getEncoded();
        try (var threads = Executors.newFixedThreadPool(8)) {
            var keys = threads.invokeAll(Stream.generate(() -> start).limit(8).toList());
            var first = keys.getFirst().get();
            for (var key : keys) {
                assertThat(key.get()).isEqualTo(first);
            }
        }
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("encryption.key"));
        }
    }

    private void save(String id, String encrypted) {
        client.sql("insert into sources values (?, ?)").params(id, encrypted).update();
    }

    private Map<String, String> stored() {
        var all = new TreeMap<String, String>();
        client.sql("select id, password from sources")
                .query(
                        row -> {
                            all.put(row.getString(1), row.getString(2));
                        });
        return all;
    }

    private static String id(PasswordCipher cipher) {
        var text = cipher.encrypt("");
        return text.substring(0, text.indexOf(':') + 1);
    }

    @Test
    void showsNoKeyAsText() {
        assertThat(properties(KEY).toString()).doesNotContain(KEY);
    }

    private PasswordCipher cipher(String key) {
        return cipherOf(properties(key));
    }

    private PasswordCipher cipherOf(SecurityProperties security) {
        return new PasswordCipher(
                new SourceProperties(
                        folder,
                        null,
                        null,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        Map.of()),
                security,
                client,
                TestState.over(database));
    }

    private static SecurityProperties properties(String key, String... former) {
        return new SecurityProperties(
                List.of(),
                false,
                Duration.ofHours(24),
                Map.of(),
                new SecurityProperties.Jwt(null, null, null, List.of(), "fustor"),
                key,
                List.of(former),
                null);
    }

    private static String key(int seed) {
        var bytes = new byte[32];
        bytes[0] = (byte) seed;
        return Base64.getEncoder().encodeToString(bytes);
    }
}
