package io.fustor.source.mysql.access;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.ConfigurableJWTProcessor;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.settings.SecurityProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;

/// Makes what judges JWTs, from the configuration. Only algorithms with a public key are accepted,
/// and each key takes only those of its own kind.
final class JwtDecoding {

    /// The code of the error that says that `exp` is over.
    static final String EXPIRED = "token_expired";

    /// By how much clocks may differ for `nbf`. For `exp` they may not: no row is sent after it.
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);

    private static final Set<JWSAlgorithm> RSA =
            Set.of(
                    JWSAlgorithm.RS256,
                    JWSAlgorithm.RS384,
                    JWSAlgorithm.RS512,
                    JWSAlgorithm.PS256,
                    JWSAlgorithm.PS384,
                    JWSAlgorithm.PS512);

    private JwtDecoding() {}

    /// The decoder, or null where the configuration names no keys. It asks the issuer when the
    /// first JWT comes.
    static @Nullable JwtDecoder decoder(SecurityProperties.Jwt settings) {
        long ways =
                Stream.of(settings.issuerUri(), settings.jwkSetUri(), settings.publicKeyLocation())
                        .filter(one -> one != null)
                        .count();
        if (ways > 1) {
            throw new ConfigurationException(
                    "fustor.security.jwt must have one of issuer-uri, jwk-set-uri and"
                            + " public-key-location only.");
        }
        String issuer = settings.issuerUri();
        String keys = settings.jwkSetUri();
        Resource file = settings.publicKeyLocation();
        OAuth2TokenValidator<Jwt> validator = validator(settings);
        if (issuer != null) {
            return new SupplierJwtDecoder(
                    () -> withKeys(NimbusJwtDecoder.withIssuerLocation(issuer), validator));
        }
        if (keys != null) {
            return withKeys(NimbusJwtDecoder.withJwkSetUri(keys), validator);
        }
        return file == null ? null : withKey(publicKey(file), validator);
    }

    private static JwtDecoder withKeys(
            NimbusJwtDecoder.JwkSetUriJwtDecoderBuilder builder,
            OAuth2TokenValidator<Jwt> validator) {
        NimbusJwtDecoder decoder =
                builder.jwsAlgorithms(all -> Collections.addAll(all, SignatureAlgorithm.values()))
                        .restOperations(IssuerQuestions.restOperations())
                        .jwtProcessorCustomizer(JwtDecoding::acceptTypes)
                        .build();
        decoder.setJwtValidator(validator);
        return decoder;
    }

    private static JwtDecoder withKey(PublicKey key, OAuth2TokenValidator<Jwt> validator) {
        Set<JWSAlgorithm> algorithms = algorithms(key);
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(
                (header, _) ->
                        algorithms.contains(header.getAlgorithm())
                                ? List.<Key>of(key)
                                : List.<Key>of());
        // Spring's validators judge the claims.
        processor.setJWTClaimsSetVerifier((_, _) -> {});
        acceptTypes(processor);
        NimbusJwtDecoder decoder = new NimbusJwtDecoder(processor);
        decoder.setJwtValidator(validator);
        return decoder;
    }

    private static void acceptTypes(ConfigurableJWTProcessor<SecurityContext> processor) {
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(
                        JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
    }

    private static Set<JWSAlgorithm> algorithms(PublicKey key) {
        if (!(key instanceof ECPublicKey curve)) {
            return RSA;
        }
        return switch (curve.getParams().getOrder().bitLength()) {
            case 256 -> Set.of(JWSAlgorithm.ES256);
            case 384 -> Set.of(JWSAlgorithm.ES384);
            default -> Set.of(JWSAlgorithm.ES512);
        };
    }

    private static OAuth2TokenValidator<Jwt> validator(SecurityProperties.Jwt settings) {
        List<OAuth2TokenValidator<Jwt>> all = new ArrayList<>();
        all.add(JwtDecoding::requireUnexpired);
        all.add(new JwtTimestampValidator(CLOCK_SKEW));
        String issuer = settings.issuerUri();
        if (issuer != null) {
            all.add(new JwtIssuerValidator(issuer));
        }
        if (!settings.audiences().isEmpty()) {
            all.add(
                    new JwtClaimValidator<Collection<String>>(
                            JwtClaimNames.AUD,
                            named ->
                                    named != null
                                            && settings.audiences().stream()
                                                    .anyMatch(named::contains)));
        }
        return new DelegatingOAuth2TokenValidator<>(all);
    }

    /// A JWT without `exp` would have no end.
    private static OAuth2TokenValidatorResult requireUnexpired(Jwt jwt) {
        Instant end = jwt.getExpiresAt();
        if (end == null) {
            return OAuth2TokenValidatorResult.failure(
                    new OAuth2Error("invalid_token", "exp is missing", null));
        }
        return Instant.now().isBefore(end)
                ? OAuth2TokenValidatorResult.success()
                : OAuth2TokenValidatorResult.failure(new OAuth2Error(EXPIRED, "exp is over", null));
    }

    private static PublicKey publicKey(Resource file) {
        try {
            String pem = file.getContentAsString(StandardCharsets.US_ASCII);
            String base64 =
                    pem.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "").replaceAll("\\s", "");
            X509EncodedKeySpec spec = new X509EncodedKeySpec(Base64.getDecoder().decode(base64));
            return publicKey(spec);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigurationException(
                    "fustor.security.jwt.public-key-location must be a file with one RSA or EC"
                            + " public key in PEM (BEGIN PUBLIC KEY): "
                            + e.getMessage(),
                    e);
        }
    }

    private static PublicKey publicKey(X509EncodedKeySpec spec) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(spec);
        } catch (GeneralSecurityException _) {
            return KeyFactory.getInstance("EC").generatePublic(spec);
        }
    }
}
