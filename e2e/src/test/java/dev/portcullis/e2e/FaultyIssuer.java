package dev.portcullis.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An identity provider over TLS that does wrong as told, and signs with one key at a time. */
final class FaultyIssuer implements AutoCloseable {
    private static final Duration SLOW = Duration.ofSeconds(30);
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    /** What is wrong with its answers. */
    enum Fault {
        NONE,
        SLOW,
        TRUNCATED,
        TEN_MEGABYTES,
        NO_JSON,
        ELSEWHERE,
        OTHER_ISSUER,
        NO_KEYS
    }

    private final TestAuthority authority;
    private final int port;
    private final AtomicInteger keyFetches = new AtomicInteger();
    private final AtomicInteger elsewhere = new AtomicInteger();
    private volatile Fault fault;
    private final AtomicInteger number = new AtomicInteger(1);
    private volatile KeyPair key = newKey();
    private HttpsServer server;

    private FaultyIssuer(TestAuthority authority, Fault fault, TestAuthority.Holder shown)
            throws GeneralSecurityException, IOException {
        this.authority = authority;
        this.fault = fault;
        this.port = Project.freePort();
        this.server = serve(shown);
    }

    static FaultyIssuer start(TestAuthority authority, Fault fault)
            throws GeneralSecurityException, IOException {
        return new FaultyIssuer(authority, fault, authority.server());
    }

    private HttpsServer serve(TestAuthority.Holder shown)
            throws GeneralSecurityException, IOException {
        var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        var fresh = HttpsServer.create(address, 0);
        fresh.setHttpsConfigurator(new HttpsConfigurator(authority.showing(shown)));
        fresh.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        fresh.createContext("/", this::answer);
        fresh.start();
        return fresh;
    }

    /** From now on it does that wrong. */
    void fails(Fault next) {
        fault = next;
    }

    /** From now on it shows that certificate. */
    void shows(TestAuthority.Holder holder) throws GeneralSecurityException, IOException {
        server.stop(0);
        server = serve(holder);
    }

    /** Signs with a new key, and publishes that alone. */
    void rotate() {
        key = newKey();
        number.incrementAndGet();
    }

    String issuer() {
        return "https://127.0.0.1:" + port;
    }

    /** How often its keys were asked for. */
    int keyFetches() {
        return keyFetches.get();
    }

    /** How often its redirect was followed. */
    int elsewhere() {
        return elsewhere.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            if (path.equals("/elsewhere")) {
                elsewhere.incrementAndGet();
            }
            if (path.equals("/keys")) {
                keyFetches.incrementAndGet();
            }
            var body =
                    (path.equals("/keys") ? keys() : metadata()).getBytes(StandardCharsets.UTF_8);
            var type = fault == Fault.NO_JSON ? "text/html" : "application/json";
            exchange.getResponseHeaders().add("Content-Type", type);
            if (fault == Fault.SLOW) {
                FaultStage.pause(SLOW.toMillis());
            }
            if (fault == Fault.ELSEWHERE) {
                exchange.getResponseHeaders().add("Location", issuer() + "/elsewhere");
            }
            exchange.sendResponseHeaders(fault == Fault.ELSEWHERE ? 302 : 200, body.length);
            int end = fault == Fault.TRUNCATED ? body.length / 2 : body.length;
            exchange.getResponseBody().write(body, 0, end);
        } catch (IOException gone) {
            // It did not want to wait, or to read so much.
        }
    }

    private String metadata() {
        var named = fault == Fault.OTHER_ISSUER ? "https://other.example.com" : issuer();
        return "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\",\"authorization_endpoint\":\"%s/in\","
                        .formatted(named, issuer(), issuer())
                + "\"token_endpoint\":\"%s/token\",\"id_token_signing_alg_values_supported\":[\"ES256\"]}"
                        .formatted(issuer());
    }

    private String keys() {
        if (fault == Fault.TEN_MEGABYTES) {
            return "{\"keys\":[],\"x\":\"" + "x".repeat(10_000_000) + "\"}";
        }
        if (fault == Fault.NO_KEYS) {
            return "{\"keys\":[]}";
        }
        var point = ((ECPublicKey) key.getPublic()).getW();
        return "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"alg\":\"ES256\","
                + "\"kid\":\"key-%d\",\"x\":\"%s\",\"y\":\"%s\"}]}"
                        .formatted(
                                number.get(), field(point.getAffineX()), field(point.getAffineY()));
    }

    private static String field(BigInteger coordinate) {
        var bytes = new byte[32];
        var all = coordinate.toByteArray();
        int length = Math.min(all.length, bytes.length);
        System.arraycopy(all, all.length - length, bytes, bytes.length - length, length);
        return BASE64.encodeToString(bytes);
    }

    /** An access token for Alice. */
    String token() throws GeneralSecurityException {
        return token("key-" + number.get());
    }

    /** One that names that key, whichever signed it. */
    String token(String keyId) throws GeneralSecurityException {
        long now = Instant.now().getEpochSecond();
        var header = "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"" + keyId + "\"}";
        var claims =
                "{\"iss\":\"%s\",\"aud\":\"%s\",\"sub\":\"a\",\"client_id\":\"c\",\"jti\":\"%s\","
                                .formatted(issuer(), Realm.AUDIENCE, UUID.randomUUID())
                        + "\"iat\":%d,\"exp\":%d,\"email\":\"%s\",\"email_verified\":true}"
                                .formatted(now, now + 600, Realm.Person.ALICE.user());
        var signed = encoded(header) + "." + encoded(claims);
        var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + BASE64.encodeToString(signature.sign());
    }

    private static String encoded(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static KeyPair newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java makes P-256 keys", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
