package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.Set;

/// The authentication plugins that the service supports, for SQL and binlog connections. A server
/// may request any plugin. The service refuses others by name, before the driver sends anything.
final class LoginPlugins {

    private static final String CLEAR = "mysql_clear_password";

    /// These prove the password without sending it, or send it only over TLS or encrypted.
    private static final Set<String> ANSWERED =
            Set.of("caching_sha2_password", "mysql_native_password", "sha256_password", CLEAR);

    /// The SQL driver's plugins that are disabled. A server may also name one in its greeting, and
    /// the driver then uses another in its place.
    static final String DISABLED =
            String.join(
                    ",",
                    "mysql_old_password",
                    "authentication_ldap_sasl_client",
                    "authentication_kerberos_client",
                    "authentication_oci_client",
                    "authentication_webauthn_client",
                    "authentication_openid_connect_client");

    private LoginPlugins() {}

    /// @param plugin the plugin that a server requests
    /// @throws SourceException `TLS_REQUIRED` or `ACCESS_DENIED` if it is not supported
    static void requireAnswered(String plugin, boolean isEncrypted, ServerAccess access) {
        if (!ANSWERED.contains(plugin)) {
            throw new SourceException(
                    FailureCode.ACCESS_DENIED,
                    access.address()
                            + " requests the authentication plugin "
                            + plugin
                            + ", which this service does not support; create the user with"
                            + " caching_sha2_password or mysql_native_password");
        }
        if (plugin.equals(CLEAR) && !isEncrypted) {
            throw new SourceException(
                    FailureCode.TLS_REQUIRED,
                    access.address()
                            + " requests the password in clear text (mysql_clear_password), which"
                            + " is sent over TLS only: set fustor.mysql.tls to required, or verify"
                            + " the server");
        }
    }
}
