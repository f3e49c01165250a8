package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.network.SSLSocketFactory;
import io.fustor.source.mysql.connection.FramedTlsSocket;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.connection.TrustedCertificates;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
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

/// Adds TLS 1.2 or 1.3 to a replication connection's socket, with the verification of the TLS mode,
/// and keeps the socket.
final class TlsSocketFactory implements SSLSocketFactory {

    private final ServerAccess access;
    private @Nullable SSLSocket made;

    TlsSocketFactory(ServerAccess access) {
        this.access = access;
    }

    @Override
    public SSLSocket createSocket(Socket socket) {
        FramedTlsSocket.prepare(socket);
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
            SSLSocket framed = FramedTlsSocket.over(tls, socket);
            made = framed;
            return framed;
        } catch (GeneralSecurityException | IOException e) {
            throw new SourceException(
                    FailureCode.TLS_FAILED,
                    "TLS with " + access.address() + " could not be set up: " + e.getMessage(),
                    e);
        }
    }

    /// The last socket, or null if there was none.
    @Nullable SSLSocket made() {
        return made;
    }

    private TrustManager @Nullable [] trustManagers() throws GeneralSecurityException, IOException {
        return switch (access.connection().tls()) {
            case DISABLED, PREFERRED, REQUIRED -> new TrustManager[] {new TrustAll()};
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

    /// For the modes that encrypt without verification, like `PREFERRED` and `REQUIRED` of the
    /// MySQL clients.
    private static final class TrustAll implements X509TrustManager {
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
