package io.fustor.source.mysql.connection;

/// How connections to MySQL use TLS, in the words of the MySQL clients' `--ssl-mode`.
public enum TlsMode {
    DISABLED,
    PREFERRED,
    REQUIRED,
    VERIFY_CA,
    VERIFY_IDENTITY;

    /// Whether a connection may end up without encryption.
    public boolean mayBePlain() {
        return this == DISABLED || this == PREFERRED;
    }

    /// Whether the server's certificate is checked.
    public boolean isVerified() {
        return this == VERIFY_CA || this == VERIFY_IDENTITY;
    }
}
