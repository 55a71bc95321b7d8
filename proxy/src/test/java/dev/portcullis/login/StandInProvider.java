package dev.portcullis.login;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * An OpenID provider on loopback that issues whatever a test wants. Says what the real ones say,
 * until told otherwise.
 */
final class StandInProvider implements AutoCloseable {
    static final String CLIENT = "portcullis";
    static final String SECRET = "canary-client-secret";
    static final String ACCESS_TOKEN = "canary-access-token";
    private static final RSAKey KEY = newKey("k1");

    final Map<String, Object> metadata = Collections.synchronizedMap(new LinkedHashMap<>());
    final Map<String, Object> claims = new LinkedHashMap<>();
    final List<Map<String, String>> tokenRequests = Collections.synchronizedList(new ArrayList<>());
    final List<String> tokenAuthorizations = Collections.synchronizedList(new ArrayList<>());
    final List<Map<String, String>> pushed = Collections.synchronizedList(new ArrayList<>());
    private final BlockingQueue<Map<String, String>> revoked = new LinkedBlockingQueue<>();
    final AtomicInteger discoveries = new AtomicInteger();
    volatile RSAKey signingKey = KEY;
    volatile List<RSAKey> published = List.of(KEY);
    volatile UnaryOperator<String> idToken = token -> token;
    volatile UnaryOperator<String> tokenAnswer = body -> body;
    volatile UnaryOperator<JWSHeader.Builder> header = builder -> builder;
    volatile int tokenStatus = 200;
    volatile int pushedStatus = 201;
    volatile UnaryOperator<String> pushedAnswer = body -> body;

    /** The only refresh token that is good; each refresh makes another. */
    volatile String refreshToken = "canary-refresh-token-0";

    volatile String contentType = "application/json";

    private final HttpServer server;

    StandInProvider() {
        this(0);
    }

    /** At that port, or any if 0. */
    StandInProvider(int port) {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/realm/.well-known/openid-configuration", this::discovery);
        server.createContext("/realm/keys", this::keys);
        server.createContext("/realm/token", this::token);
        server.createContext("/realm/par", this::push);
        server.createContext("/realm/revoke", this::revoke);
        server.start();
        metadata.putAll(
                Map.of(
                        "issuer",
                        issuer().toString(),
                        "authorization_endpoint",
                        issuer() + "/authorize",
                        "token_endpoint",
                        issuer() + "/token",
                        "jwks_uri",
                        issuer() + "/keys",
                        "end_session_endpoint",
                        issuer() + "/logout",
                        "response_types_supported",
                        List.of("code"),
                        "subject_types_supported",
                        List.of("public"),
                        "id_token_signing_alg_values_supported",
                        List.of("RS256"),
                        "authorization_response_iss_parameter_supported",
                        true));
    }

    static RSAKey newKey(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException failure) {
            throw new IllegalStateException(failure);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI issuer() {
        return URI.create("http://127.0.0.1:" + port() + "/realm");
    }

    /** A right ID token for alice, as of that instant. */
    void vouchFor(String nonce, Instant now) {
        claims.clear();
        claims.putAll(
                Map.of(
                        "iss",
                        issuer().toString(),
                        "sub",
                        "subject-1",
                        "aud",
                        CLIENT,
                        "nonce",
                        nonce,
                        "iat",
                        now.getEpochSecond(),
                        "exp",
                        now.getEpochSecond() + 300,
                        "email",
                        "alice@example.com",
                        "email_verified",
                        true,
                        "groups",
                        List.of("sre", "staff"),
                        "sid",
                        "provider-session-1"));
        claims.put("at_hash", hash(ACCESS_TOKEN));
    }

    String sign(String claimsJson) {
        try {
            var builder =
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(signingKey.getKeyID())
                            .type(JOSEObjectType.JWT);
            var jws = new JWSObject(header.apply(builder).build(), new Payload(claimsJson));
            jws.sign(new RSASSASigner(signingKey));
            return jws.serialize();
        } catch (JOSEException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** Signs exactly these two parts, whatever they say. */
    String signRaw(String headerAndPayload) {
        try {
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(signingKey.toPrivateKey());
            signature.update(headerAndPayload.getBytes(StandardCharsets.US_ASCII));
            return headerAndPayload
                    + "."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (JOSEException | GeneralSecurityException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static String hash(String text) {
        try {
            var hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(Arrays.copyOf(hash, hash.length / 2));
        } catch (NoSuchAlgorithmException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private void discovery(HttpExchange exchange) throws IOException {
        discoveries.incrementAndGet();
        answer(exchange, 200, JSONObjectUtils.toJSONString(metadata));
    }

    private void keys(HttpExchange exchange) throws IOException {
        var keys = new JWKSet(List.copyOf(published));
        answer(exchange, 200, keys.toString(true));
    }

    /** Offers to take authorization requests beforehand, and tokens back. */
    void offerEverything() {
        metadata.put("pushed_authorization_request_endpoint", issuer() + "/par");
        metadata.put("revocation_endpoint", issuer() + "/revoke");
    }

    private void token(HttpExchange exchange) throws IOException {
        var form = form(exchange);
        tokenRequests.add(form);
        tokenAuthorizations.add(
                String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        if ("refresh_token".equals(form.get("grant_type")) && !isCurrent(form)) {
            answer(exchange, 400, "{\"error\":\"invalid_grant\"}");
            return;
        }
        var token = idToken.apply(sign(JSONObjectUtils.toJSONString(claims)));
        var answer =
                JSONObjectUtils.toJSONString(
                        Map.of(
                                "access_token",
                                ACCESS_TOKEN,
                                "token_type",
                                "Bearer",
                                "expires_in",
                                300,
                                "refresh_token",
                                refreshToken,
                                "id_token",
                                token));
        answer(exchange, tokenStatus, tokenAnswer.apply(answer));
    }

    /** Whether the refresh token is the newest; then there is a newer one. */
    private synchronized boolean isCurrent(Map<String, String> form) {
        if (!refreshToken.equals(form.get("refresh_token"))) {
            return false;
        }
        if (tokenStatus == 200) {
            int dash = refreshToken.lastIndexOf('-');
            int next = Integer.parseInt(refreshToken.substring(dash + 1)) + 1;
            refreshToken = refreshToken.substring(0, dash + 1) + next;
        }
        return true;
    }

    /** The form with which a token was given back; waits for it. */
    Map<String, String> givenBack() throws InterruptedException {
        return Objects.requireNonNull(revoked.poll(10, TimeUnit.SECONDS), "nothing came back");
    }

    private void push(HttpExchange exchange) throws IOException {
        pushed.add(form(exchange));
        tokenAuthorizations.add(
                String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        answer(
                exchange,
                pushedStatus,
                pushedAnswer.apply(
                        "{\"request_uri\":\"urn:ietf:params:oauth:request_uri:r1\","
                                + "\"expires_in\":60}"));
    }

    private void revoke(HttpExchange exchange) throws IOException {
        revoked.add(form(exchange));
        answer(exchange, 200, "");
    }

    private static Map<String, String> form(HttpExchange exchange) throws IOException {
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        return Parameters.parse(body).orElseThrow();
    }

    private void answer(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", contentType);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
