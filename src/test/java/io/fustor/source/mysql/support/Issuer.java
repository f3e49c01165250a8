package io.fustor.source.mysql.support;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// An issuer of JWTs on this machine, with its metadata and its keys over HTTP. Its key can be
/// replaced, and it can be out of reach.
public final class Issuer implements AutoCloseable {

    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile HttpServer server;
    private volatile JWK key;

    public Issuer() {
        key = rsa();
        server = serve(0);
    }

    private RSAKey rsa() {
        try {
            return new RSAKeyGenerator(2048).keyID("k" + numbers.incrementAndGet()).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpServer serve(int port) {
        try {
            HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
            http.createContext(
                    "/",
                    exchange -> {
                        asked.incrementAndGet();
                        String path = exchange.getRequestURI().getPath();
                        byte[] body =
                                (path.equals("/keys") ? keys() : metadata())
                                        .getBytes(StandardCharsets.UTF_8);
                        exchange.getResponseHeaders().set("Content-Type", "application/json");
                        exchange.sendResponseHeaders(200, body.length);
                        try (exchange) {
                            exchange.getResponseBody().write(body);
                        }
                    });
            http.start();
            return http;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String keys() {
        return new JWKSet(key.toPublicJWK()).toString();
    }

    private String metadata() {
        return "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(uri(), uri());
    }

    public String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /// How often it was asked for anything.
    public int asked() {
        return asked.get();
    }

    /// Signs with a new RSA key from now on; the former is no longer among its keys.
    public void rotate() {
        key = rsa();
    }

    /// As [#rotate], with a key on the curve P-256.
    public void rotateToCurve() {
        try {
            key = new ECKeyGenerator(Curve.P_256).keyID("k" + numbers.incrementAndGet()).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Cannot be reached until [#comeBack].
    public void goAway() {
        server.stop(0);
    }

    public void comeBack() {
        server = serve(server.getAddress().getPort());
    }

    /// Claims that are accepted, for a minute.
    public JWTClaimsSet.Builder claims(String subject, @Nullable Map<String, ?> grant) {
        Instant now = Instant.now();
        JWTClaimsSet.Builder claims =
                new JWTClaimsSet.Builder()
                        .issuer(uri())
                        .subject(subject)
                        .audience("fustor")
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(Duration.ofMinutes(1))));
        return grant == null ? claims : claims.claim("fustor", grant);
    }

    /// A JWT with a grant, good for a minute.
    public String token(String subject, Map<String, ?> grant) {
        return sign(claims(subject, grant).build());
    }

    /// Signs claims with the current key.
    public String sign(JWTClaimsSet claims) {
        try {
            JWSSigner signer =
                    key instanceof ECKey curve
                            ? new ECDSASigner(curve)
                            : new RSASSASigner(key.toRSAKey());
            JWSAlgorithm algorithm = key instanceof ECKey ? JWSAlgorithm.ES256 : JWSAlgorithm.RS256;
            return signed(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()), claims, signer);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signed(JWSHeader.Builder header, JWTClaimsSet claims, JWSSigner signer)
            throws JOSEException {
        SignedJWT jwt = new SignedJWT(header.build(), claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    /// A JWT that has no signature.
    public String unsigned(JWTClaimsSet claims) {
        return new PlainJWT(claims).serialize();
    }

    /// A JWT whose secret is the issuer's public key, for services that take any algorithm.
    public String signedWithThePublicKey(JWTClaimsSet claims) {
        try {
            byte[] secret = key.toRSAKey().toRSAPublicKey().getEncoded();
            return signed(
                    new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()),
                    claims,
                    new MACSigner(secret));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
