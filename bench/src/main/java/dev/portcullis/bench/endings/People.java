package dev.portcullis.bench.endings;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
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
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An OpenID provider that signs in whomever it is told to, and takes it back when told to. */
final class People implements AutoCloseable {
    static final String CLIENT = "portcullis";
    static final String SECRET = "a-secret-of-the-benchmark-only";
    static final String AUDIENCE = "portcullis-api";

    private final HttpServer server;
    private final RSAKey key;
    private final Map<String, Grant> byCode = new ConcurrentHashMap<>();
    private final Map<String, Grant> byRefresh = new ConcurrentHashMap<>();
    private final Map<String, Long> refusedNanos = new ConcurrentHashMap<>();

    /** One sign-in. */
    record Grant(String user, String nonce, String sid, int expiresIn) {}

    People() throws IOException {
        try {
            key = new RSAKeyGenerator(2048).keyID("rs").keyUse(KeyUse.SIGNATURE).generate();
        } catch (JOSEException impossible) {
            throw new IllegalStateException(impossible);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/.well-known/openid-configuration", call -> json(call, 200, metadata()));
        server.createContext("/keys", call -> json(call, 200, new JWKSet(key).toString(true)));
        server.createContext("/token", this::token);
        server.start();
    }

    String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /**
     * Says yes to a sign-in.
     *
     * @param expiresIn seconds until its access token ends
     * @return the code for the callback, which is also the name of the provider's session
     */
    String code(String user, String nonce, int expiresIn) {
        var code = UUID.randomUUID().toString();
        byCode.put(code, new Grant(user, nonce, code, expiresIn));
        return code;
    }

    /** When a refresh of that session was first refused; 0 if none was. */
    long refusedNanos(String sid) {
        return refusedNanos.getOrDefault(sid, 0L);
    }

    /** An access token (RFC 9068). */
    String accessToken(String user, Instant end) {
        return sign("at+jwt", claims(user, AUDIENCE, end).claim("client_id", "bench").build());
    }

    /** What the provider posts when its session ends (OpenID Connect Back-Channel Logout 1.0). */
    String logoutToken(String sid) {
        var claims =
                new JWTClaimsSet.Builder()
                        .issuer(uri())
                        .audience(CLIENT)
                        .issueTime(Date.from(Instant.now()))
                        .expirationTime(Date.from(Instant.now().plusSeconds(120)))
                        .jwtID(UUID.randomUUID().toString())
                        .claim("sid", sid)
                        .claim(
                                "events",
                                Map.of(
                                        "http://schemas.openid.net/event/backchannel-logout",
                                        Map.of()));
        return sign("logout+jwt", claims.build());
    }

    private void token(HttpExchange call) throws IOException {
        var body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
        var asked = parameters(body);
        var code = asked.get("code");
        if (code == null) {
            // Nobody here is refreshed: whoever asks was taken away meanwhile.
            var grant = byRefresh.get(asked.getOrDefault("refresh_token", ""));
            if (grant != null) {
                refusedNanos.putIfAbsent(grant.sid(), System.nanoTime());
            }
            json(call, 400, "{\"error\":\"invalid_grant\"}");
            return;
        }
        var grant = Objects.requireNonNull(byCode.get(code), "an unknown code");
        var refresh = "refresh-" + code;
        byRefresh.put(refresh, grant);
        var end = Instant.now().plusSeconds(3600);
        var idToken =
                claims(grant.user(), CLIENT, end)
                        .claim("nonce", grant.nonce())
                        .claim("sid", grant.sid())
                        .build();
        json(
                call,
                200,
                """
                {"access_token":"opaque","token_type":"Bearer","expires_in":%d,\
                "refresh_token":"%s","id_token":"%s"}\
                """
                        .formatted(grant.expiresIn(), refresh, sign("JWT", idToken)));
    }

    private JWTClaimsSet.Builder claims(String user, String audience, Instant end) {
        return new JWTClaimsSet.Builder()
                .issuer(uri())
                .subject(user)
                .audience(audience)
                .issueTime(Date.from(Instant.now()))
                .expirationTime(Date.from(end))
                .jwtID(UUID.randomUUID().toString())
                .claim("email", user)
                .claim("email_verified", true);
    }

    private String sign(String type, JWTClaimsSet claims) {
        var header =
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .type(new JOSEObjectType(type))
                        .keyID(key.getKeyID())
                        .build();
        var token = new SignedJWT(header, claims);
        try {
            token.sign(new RSASSASigner(key));
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
        "backchannel_logout_supported":true,"backchannel_logout_session_supported":true,
        "authorization_response_iss_parameter_supported":true}\
        """
                .formatted(uri());
    }

    static Map<String, String> parameters(String encoded) {
        return Stream.of(encoded.split("&", -1))
                .map(pair -> pair.split("=", 2))
                .filter(pair -> pair.length == 2)
                .collect(
                        Collectors.toMap(
                                pair -> pair[0],
                                pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    }

    private static void json(HttpExchange call, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().set("Content-Type", "application/json");
        call.sendResponseHeaders(status, bytes.length);
        call.getResponseBody().write(bytes);
        call.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
