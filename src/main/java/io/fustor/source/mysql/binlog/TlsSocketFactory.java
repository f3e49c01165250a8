package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.network.SSLSocketFactory;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.TlsMode;
import io.fustor.source.mysql.server.TrustedCertificates;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Puts TLS 1.2 or 1.3 over a replication connection's socket, with as much verification as the
/// mode asks for, and keeps the socket that it made.
final class TlsSocketFactory implements SSLSocketFactory {

    private final ServerAccess access;
    private @Nullable SSLSocket made;

    TlsSocketFactory(ServerAccess access) {
        this.access = access;
    }

    @Override
    public SSLSocket createSocket(Socket socket) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trustManagers(), null);
            SSLSocket tls =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket(
                                            socket,
                                            access.address().host(),
                                            access.address().port(),
                                            true);
            if (access.connection().tls() == TlsMode.VERIFY_IDENTITY) {
                SSLParameters parameters = tls.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                tls.setSSLParameters(parameters);
            }
            made = tls;
            return tls;
        } catch (GeneralSecurityException | IOException e) {
            throw new SourceException(
                    FailureCode.TLS_FAILED,
                    "TLS with " + access.address() + " could not be set up: " + e.getMessage(),
                    e);
        }
    }

    /// The socket last made, or null where none was.
    @Nullable SSLSocket made() {
        return made;
    }

    private TrustManager @Nullable [] trustManagers() throws GeneralSecurityException, IOException {
        return switch (access.connection().tls()) {
            case DISABLED, PREFERRED, REQUIRED -> new TrustManager[] {new TrustEverybody()};
            case VERIFY_CA, VERIFY_IDENTITY -> configuredTrust();
        };
    }

    private TrustManager @Nullable [] configuredTrust()
            throws GeneralSecurityException, IOException {
        Path file = access.connection().trustStore();
        if (file == null) {
            return null;
        }
        KeyStore store = TrustedCertificates.load(file, access.connection().trustStorePassword());
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /// For the modes that encrypt without verifying, as the MySQL clients' `PREFERRED` and
    /// `REQUIRED` do.
    private static final class TrustEverybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
