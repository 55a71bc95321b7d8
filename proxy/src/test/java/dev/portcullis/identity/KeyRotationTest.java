package dev.portcullis.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.runtime.OffLoop;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * An issuer changes its key while a flood of made-up key ids goes on, on the real clock: the new
 * key counts within 5 s, and the issuer is not asked more than once in 5 s.
 */
class KeyRotationTest {
    private static final int UNKNOWN = 10_000;
    private static final Duration ACCEPTED_WITHIN = Duration.ofSeconds(5);
    private static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(15);

    private final TestKeys keys = new TestKeys();
    private final AtomicInteger unknown = new AtomicInteger();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void newKey_isAcceptedWithinFiveSecondsOfAFlood() throws Exception {
        try (var issuer = new TestIssuer().publishKeys(TestKeys.published(keys.es256, ""));
                var http =
                        new ProviderHttp(
                                null,
                                ProviderHttp.Plaintext.ON_LOOPBACK,
                                Duration.ofSeconds(3),
                                1024 * 1024);
                var offLoop = new OffLoop("test-rotation", 4);
                var timer = Executors.newSingleThreadScheduledExecutor();
                var flood = Executors.newSingleThreadExecutor()) {
            var source =
                    new JwksSource(issuer.uri(), Set.of("ES256"), http, offLoop, System::nanoTime);
            var config =
                    TestDoor.config(issuer.uri(), "portcullis-api", TokenIssuerConfig.Type.AT_JWT);
            var proofs =
                    new DpopProofs(
                            TestDoor.ORIGIN,
                            (_, _, _, _) -> {
                                throw new AssertionError("no proof here");
                            },
                            () -> TestDoor.NOW);
            var tokens =
                    new BearerTokens(
                            List.of(new BearerTokens.Issuer(config, source)),
                            proofs,
                            () -> TestDoor.NOW);
            timer.scheduleWithFixedDelay(source::maintain, 0, 1, TimeUnit.SECONDS);
            var made = new TestTokens(keys, issuer.uri().toString(), TestDoor.NOW);
            assertThat(passes(tokens, made.good())).isTrue();

            flood.submit(() -> flood(tokens, made));
            while (unknown.get() < 100) { // It has begun, and has cost its first fetch.
                Thread.onSpinWait();
            }
            var stranger = TestKeys.published(keys.stranger, "").replace("es256", "next");
            issuer.publishKeys(stranger);
            long rotated = System.nanoTime();
            int before = issuer.keyFetches();
            var next = made.signed("kid=\"next\"", "", "stranger");
            while (!passes(tokens, next)) {
                assertThat(since(rotated)).isLessThan(GIVEN_UP_AFTER);
                TimeUnit.MILLISECONDS.sleep(5);
            }
            var accepted = since(rotated);
            while (unknown.get() < UNKNOWN) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            over.set(true);
            var whole = since(rotated);
            int fetches = issuer.keyFetches() - before;
            System.out.printf(
                    "JWKS rotation: new key accepted after %d ms; %d unknown key ids, %d fetches in"
                            + " %d ms%n",
                    accepted.toMillis(), unknown.get(), fetches, whole.toMillis());
            assertThat(accepted).isLessThan(ACCEPTED_WITHIN.plusSeconds(1));
            assertThat(fetches)
                    .isLessThanOrEqualTo((int) (whole.toMillis() / ACCEPTED_WITHIN.toMillis()) + 1);
            assertThat(passes(tokens, made.good())).as("the key that is gone").isFalse();
        }
    }

    /** Keeps coming all the while, and then until there were enough. */
    private void flood(BearerTokens tokens, TestTokens made) {
        while (!over.get()) {
            var kid = "kid=\"made-up-" + unknown.incrementAndGet() + '"';
            tokens.authenticate(
                    TestDoor.request("Bearer " + made.signed(kid, "", "zeros")), TestDoor.PEER);
        }
    }

    private static boolean passes(BearerTokens tokens, String token) {
        // Not waited for: who is told to wait for a fetch asks again.
        var pending = tokens.authenticate(TestDoor.request("Bearer " + token), TestDoor.PEER);
        return pending.toCompletableFuture().orTimeout(3, TimeUnit.SECONDS).join()
                instanceof Authenticated;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
