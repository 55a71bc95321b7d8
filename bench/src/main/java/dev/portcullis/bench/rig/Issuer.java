package dev.portcullis.bench.rig;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An OpenID provider that signs everybody in as the one user there is, without asking. */
public final class Issuer implements AutoCloseable {
    static final String CLIENT = "portcullis";
    static final String SECRET = "a-secret-of-the-benchmark-only";
    static final String AUDIENCE = "portcullis-api";

    private final HttpServer server;
    private final RSAKey rsa;
    private final ECKey ec;
    private final Map<String, String> nonceByCode = new ConcurrentHashMap<>();

    /** Opens a port on loopback. */
    public Issuer() throws IOException {
        try {
            rsa = new RSAKeyGenerator(2048).keyID("rs").keyUse(KeyUse.SIGNATURE).generate();
            ec = new ECKeyGenerator(Curve.P_256).keyID("es").keyUse(KeyUse.SIGNATURE).generate();
        } catch (JOSEException impossible) {
            throw new IllegalStateException(impossible);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/.well-known/openid-configuration", call -> json(call, metadata()));
        server.createContext(
                "/keys", call -> json(call, new JWKSet(List.of(rsa, ec)).toString(true)));
        server.createContext("/authorize", this::authorize);
        server.createContext("/token", this::token);
        server.start();
    }

    String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /** An access token (RFC 9068) that is good for an hour. */
    public String accessToken(String algorithm) {
        return sign(
                algorithm.equals("ES256") ? ec : rsa,
                "at+jwt",
                claims(AUDIENCE).claim("client_id", "bench").jwtID("1").build());
    }

    /** The public half, as other programs read it. */
    public String publicKeyPem(String algorithm) {
        try {
            var key = algorithm.equals("ES256") ? ec.toPublicKey() : rsa.toPublicKey();
            return "-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                    + "\n-----END PUBLIC KEY-----\n";
        } catch (JOSEException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private JWTClaimsSet.Builder claims(String audience) {
        var now = Instant.now();
        return new JWTClaimsSet.Builder()
                .issuer(uri())
                .subject("user-1")
                .audience(audience)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(3600)))
                .claim("email", Wire.USER)
                .claim("email_verified", true);
    }

    private static String sign(JWK key, String type, JWTClaimsSet claims) {
        boolean elliptic = key instanceof ECKey;
        var header =
                new JWSHeader.Builder(elliptic ? JWSAlgorithm.ES256 : JWSAlgorithm.RS256)
                        .type(new JOSEObjectType(type))
                        .keyID(key.getKeyID())
                        .build();
        var token = new SignedJWT(header, claims);
        try {
            token.sign(
                    elliptic ? new ECDSASigner(key.toECKey()) : new RSASSASigner(key.toRSAKey()));
        } catch (JOSEException impossible) {
            throw new IllegalStateException(impossible);
        }
        return token.serialize();
    }

    private String metadata() {
        return """
        {"issuer":"%1$s","authorization_endpoint":"%1$s/authorize","token_endpoint":"%1$s/token",
        "jwks_uri":"%1$s/keys","id_token_signing_alg_values_supported":["RS256"],
        "response_types_supported":["code"],"subject_types_supported":["public"],
        "authorization_response_iss_parameter_supported":true}\
        """
                .formatted(uri());
    }

    private void authorize(HttpExchange call) throws IOException {
        var asked = parameters(call.getRequestURI().getRawQuery());
        var code = "code-" + nonceByCode.size();
        nonceByCode.put(code, asked.get("nonce"));
        var state = call.getRequestURI().getRawQuery().replaceAll(".*[?&]?state=([^&]*).*", "$1");
        call.getResponseHeaders()
                .set(
                        "Location",
                        asked.get("redirect_uri")
                                + "?code="
                                + code
                                + "&state="
                                + state
                                + "&iss="
                                + uri());
        call.sendResponseHeaders(302, -1);
        call.close();
    }

    private void token(HttpExchange call) throws IOException {
        var body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
        var nonce = nonceByCode.get(parameters(body).get("code"));
        var idToken = sign(rsa, "JWT", claims(CLIENT).claim("nonce", nonce).build());
        json(
                call,
                "{\"access_token\":\"opaque\",\"token_type\":\"Bearer\",\"expires_in\":3600,"
                        + "\"id_token\":\""
                        + idToken
                        + "\"}");
    }

    private static Map<String, String> parameters(String encoded) {
        return Stream.of(encoded.split("&", -1))
                .map(pair -> pair.split("=", 2))
                .collect(
                        Collectors.toMap(
                                pair -> pair[0],
                                pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    }

    private static void json(HttpExchange call, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().set("Content-Type", "application/json");
        call.sendResponseHeaders(200, bytes.length);
        call.getResponseBody().write(bytes);
        call.close();
    }
}
