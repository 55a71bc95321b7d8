package dev.portcullis.identity;

import dev.portcullis.config.PublicOrigin;
import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.Target;
import dev.portcullis.runtime.OffLoop;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Bearer tokens over a real key source and a real exchange with a {@link TestIssuer}. */
final class TestDoor implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    static final ConnectionFacts PEER = ConnectionFacts.of(InetAddress.getLoopbackAddress());
    static final PublicOrigin ORIGIN = new PublicOrigin("claw.example.com", 443);
    static final List<String> ALGORITHMS = List.of("RS256", "PS256", "ES256", "ES384", "EdDSA");

    private final ProviderHttp http =
            new ProviderHttp(
                    null, ProviderHttp.Plaintext.ON_LOOPBACK, Duration.ofSeconds(10), 1024 * 1024);
    private final OffLoop offLoop = new OffLoop("test-provider", 8);
    final JwksSource source;
    final BearerTokens tokens;
    final DpopProofs proofs;
    private final Set<String> used = ConcurrentHashMap.newKeySet();

    Instant now = NOW;
    long nanos;

    TestDoor(URI issuer, TokenIssuerConfig.Type type) {
        source = new JwksSource(issuer, Set.copyOf(ALGORITHMS), http, offLoop, () -> nanos);
        var config = config(issuer, "portcullis-api", type);
        InstantSource clock = () -> now;
        proofs = new DpopProofs(ORIGIN, this::firstUse, clock);
        tokens = new BearerTokens(List.of(new BearerTokens.Issuer(config, source)), proofs, clock);
    }

    static TokenIssuerConfig config(URI issuer, String audience, TokenIssuerConfig.Type type) {
        return new TokenIssuerConfig(issuer, audience, type, "email", "groups", ALGORITHMS, null);
    }

    /** A request with these {@code Authorization} fields. */
    static RequestHead request(String... authorization) {
        return request(
                Arrays.stream(authorization)
                        .map(value -> new Field("authorization", value))
                        .toList());
    }

    static RequestHead request(List<Field> fields) {
        return new RequestHead(
                RequestHead.Protocol.HTTP_1_1,
                Method.GET,
                new Target("/a", "q=1"),
                "claw.example.com",
                Fields.of(fields),
                0,
                false,
                null,
                false);
    }

    Authentication authenticate(String... authorization) {
        try {
            return tokens.authenticate(request(authorization), PEER)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private CompletionStage<Boolean> firstUse(String scope, String id, Instant now, Instant until) {
        return CompletableFuture.completedStage(used.add(scope + ' ' + id));
    }

    BearerTokens.Verdict judge(String authorization) {
        return judge(authorization, request(authorization), PEER);
    }

    BearerTokens.Verdict judge(String authorization, RequestHead head, ConnectionFacts connection) {
        try {
            return tokens.judge(authorization, head, connection)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** Time goes on, for tokens and for fetches. */
    void pass(Duration time) {
        now = now.plus(time);
        nanos += time.toNanos();
    }

    @Override
    public void close() {
        offLoop.close();
        http.close();
    }
}
