package io.fustor.source.mysql.server;

/// How connections to MySQL use TLS, in the words of the MySQL clients' `--ssl-mode`.
public enum TlsMode {
    DISABLED,
    PREFERRED,
    REQUIRED,
    VERIFY_CA,
    VERIFY_IDENTITY
}
