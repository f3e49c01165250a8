package io.fustor.source.mysql.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/// An authority of a test's own and a server's certificate signed by it, good for `localhost` only,
/// made by the JDK's `keytool`. All as PEM.
///
/// @param authority what who trusts the authority has
/// @param stranger another's certificate, which signed nothing
public record Certificates(String authority, String certificate, String key, String stranger) {

    private static final String PASSWORD = "password-of-tests";

    /// @param folder where what is made in between stays
    public static Certificates in(Path folder) {
        try {
            keytool(folder, "-genkeypair", "authority", "-dname", "CN=authority", "-ext", "bc:c");
            keytool(folder, "-genkeypair", "server", "-dname", "CN=server");
            Key key = store(folder).getKey("server", PASSWORD.toCharArray());
            String stranger = pem("CERTIFICATE", certificate(folder, "server").getEncoded());
            keytool(folder, "-certreq", "server", "-file", folder.resolve("request").toString());
            keytool(
                    folder,
                    "-gencert",
                    "authority",
                    "-infile",
                    folder.resolve("request").toString(),
                    "-outfile",
                    folder.resolve("signed").toString(),
                    "-rfc",
                    "-ext",
                    "san=dns:localhost");
            return new Certificates(
                    pem("CERTIFICATE", certificate(folder, "authority").getEncoded()),
                    Files.readString(folder.resolve("signed")),
                    pem("PRIVATE KEY", key.getEncoded()),
                    stranger);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keytool(Path folder, String action, String alias, String... further) {
        var words =
                new java.util.ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                action,
                                "-alias",
                                alias,
                                "-keystore",
                                folder.resolve("keys.p12").toString(),
                                "-storepass",
                                PASSWORD));
        if (action.equals("-genkeypair")) {
            words.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
        }
        words.addAll(List.of(further));
        Command.run(words).orFail("keytool made no certificate");
    }

    private static KeyStore store(Path folder) throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(folder.resolve("keys.p12").toFile(), PASSWORD.toCharArray());
    }

    private static Certificate certificate(Path folder, String alias)
            throws IOException, GeneralSecurityException {
        return Objects.requireNonNull(store(folder).getCertificate(alias));
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                .formatted(what, Base64.getMimeEncoder().encodeToString(bytes), what);
    }

    /// Lets a server use the certificate from now on, with TLS 1.3 only. It has to be started with
    /// `--secure-file-priv=`.
    public void install(TestMySql mysql) {
        mysql.execute(
                dump(authority, "ca"),
                dump(certificate, "cert"),
                dump(key, "key"),
                "SET GLOBAL ssl_ca = 'test-ca.pem'",
                "SET GLOBAL ssl_cert = 'test-cert.pem'",
                "SET GLOBAL ssl_key = 'test-key.pem'",
                "SET GLOBAL tls_version = 'TLSv1.3'",
                "ALTER INSTANCE RELOAD TLS");
    }

    /// Into the folder of the server's data, where it runs.
    private static String dump(String pem, String name) {
        return "SELECT '%s' INTO DUMPFILE './test-%s.pem'".formatted(pem, name);
    }
}
