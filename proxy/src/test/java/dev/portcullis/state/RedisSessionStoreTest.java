package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.config.RedisConfig;
import dev.portcullis.config.Secret;
import dev.portcullis.session.SessionStore;
import dev.portcullis.testing.TimeOfCalls;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Against Debian's redis-server, each test under an origin of its own. */
@EnabledIf("dev.portcullis.state.RedisProcess#isInstalled")
class RedisSessionStoreTest extends SessionStoreContract {
    private static final StoreSizes SIZES =
            new StoreSizes(SESSIONS_MAX, SIGN_INS_MAX, SIGN_IN_TIME, 100);
    private static final Duration TIME = Duration.ofSeconds(2);
    private static final String PASSWORD = "a-password-of-a-test";
    private static RedisProcess redis;
    private static int number;

    private String origin = "";
    private final TimeOfCalls time = new TimeOfCalls();
    private OpenStore store;
    private @Nullable OpenStore neighbour;
    private final Map<OpenStore, RedisLink> links = new HashMap<>();

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start("--requirepass", PASSWORD);
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void open() {
        origin = "https://claw" + ++number + ".example.com";
        store = opened("one", origin, (byte) 1, Duration.ofMinutes(1));
    }

    @AfterEach
    void close() {
        store.close();
        if (neighbour != null) {
            neighbour.close();
        }
        links.values().forEach(RedisLink::close);
    }

    @Override
    SessionStore store() {
        return store;
    }

    private OpenStore opened(String self, String origin, byte key, Duration grace) {
        return opened(self, origin, key, grace, redis.port());
    }

    private OpenStore opened(String self, String origin, byte key, Duration grace, int port) {
        var keys = new LinkedHashMap<String, SecretKey>();
        var bytes = new byte[32];
        java.util.Arrays.fill(bytes, key);
        keys.put("1", new SecretKeySpec(bytes, "AES"));
        var link = RedisLink.open(config(port), TIME);
        until(link::up);
        var opened =
                time.before(
                        new RedisSessionStore(
                                self,
                                link,
                                new SealingKeys(keys),
                                RedisNames.of(origin),
                                SIZES,
                                grace,
                                time),
                        OpenStore.class);
        links.put(opened, link);
        return opened;
    }

    private static RedisConfig config(int port) {
        return new RedisConfig("127.0.0.1", port, 0, false, new Secret(PASSWORD), null);
    }

    private void untilListening(OpenStore which) {
        until(Objects.requireNonNull(links.get(which))::isListening);
    }

    private OpenStore neighbour() {
        neighbour = opened("two", origin, (byte) 1, Duration.ofMinutes(1));
        return neighbour;
    }

    /**
     * Waits for what another process does; the time is how long a broken one may take to be red.
     */
    private static void until(BooleanSupplier met) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!met.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(end);
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
    }

    private static void untilNothingIsFresh() {
        long asked = System.nanoTime();
        until(() -> System.nanoTime() - asked > KnownSessions.FRESH.toNanos());
    }

    private static final class Heard implements SessionStore.Listener {
        final BlockingQueue<String> words = new LinkedBlockingQueue<>();

        @Override
        public void ended(String reference) {
            words.add("ended " + reference);
        }

        @Override
        public void unknown(String reference) {
            words.add("unknown " + reference);
        }

        @Override
        public void changed(String reference) {
            words.add("changed " + reference);
        }

        @Nullable String next() throws InterruptedException {
            return words.poll(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatOneKeeps_theOtherHas() {
        now(store.put(KEY, session("r")));
        now(store.putSignIn("s", signIn("b", START)));
        now(store.firstUse("jti", "1", START, START.plusSeconds(60)));
        var other = neighbour();
        assertThat(now(other.use(KEY, START))).contains(session("r"));
        assertThat(now(other.touch("r", START))).isTrue();
        assertThat(now(other.takeSignIn("s", START))).isPresent();
        assertThat(now(store.takeSignIn("s", START))).isEmpty();
        assertThat(now(other.firstUse("jti", "1", START, START.plusSeconds(60)))).isFalse();
    }

    @Test
    void whatEndsAtOne_isHeardAtTheOtherAndOverThere() throws InterruptedException {
        now(store.put(KEY, session("r")));
        var other = neighbour();
        var heard = new Heard();
        var own = new Heard();
        other.onChange(heard);
        store.onChange(own);
        assertThat(now(other.use(KEY, START))).isPresent();
        untilListening(other);
        now(store.remove(KEY));
        assertThat(heard.next()).isEqualTo("ended r");
        assertThat(now(other.use(KEY, START))).isEmpty();
        assertThat(own.words).isEmpty();
    }

    @Test
    void whatChangesAtOne_isHeardAtTheOtherAndNewThere() throws InterruptedException {
        var before = session("r");
        now(store.put(KEY, before));
        var other = neighbour();
        var heard = new Heard();
        other.onChange(heard);
        assertThat(now(other.use(KEY, START))).contains(before);
        untilListening(other);
        var after = before.refreshed(before.user(), Set.of("dev"), null, null);
        assertThat(now(store.replace(before, after))).isTrue();
        assertThat(heard.next()).isEqualTo("changed r");
        // What was asked when it began to listen may be answered last, and is believed for a
        // moment.
        until(() -> now(other.use(KEY, START)).equals(Optional.of(after)));
        assertThat(now(other.replace(before, after))).isFalse();
    }

    @Test
    void aSessionUsedElsewhere_isNotIdleHere() {
        now(store.put(KEY, session("r")));
        var other = neighbour();
        now(other.use(KEY, START.plus(IDLE).minusSeconds(1)));
        until(() -> now(store.list(START.plus(IDLE))).size() == 1);
        assertThat(now(store.removeExpired(START.plus(IDLE)))).isEmpty();
        assertThat(now(store.use(KEY, START.plus(IDLE)))).isPresent();
    }

    @Test
    void anotherOrigin_seesNothing() {
        now(store.put(KEY, session("r")));
        neighbour = opened("two", origin + ":8443", (byte) 1, Duration.ofMinutes(1));
        assertThat(now(neighbour.use(KEY, START))).isEmpty();
        assertThat(now(neighbour.bySubject(ISSUER, "1"))).isEmpty();
    }

    @Test
    void aSidecarWithOtherKeys_opensNothing() {
        now(store.put(KEY, session("r")));
        neighbour = opened("two", origin, (byte) 2, Duration.ofMinutes(1));
        assertThat(now(neighbour.use(KEY, START))).isEmpty();
        assertThat(now(store.use(KEY, START))).isPresent();
    }

    @Test
    void whileRedisIsAway_theKnownGoOnNobodyNewComesAndWhoLeavesHasLeft() throws Exception {
        now(store.put("known", session("known")));
        now(store.put("leaving", session("leaving")));
        redis.stop();
        try {
            until(() -> store.trouble().isPresent());
            assertThat(now(store.use("known", START))).isPresent();
            assertThat(now(store.touch("known", START))).isTrue();
            assertThatThrownBy(() -> now(store.use("stranger", START))).isNotNull();
            assertThatThrownBy(() -> now(store.put("new", session("new")))).isNotNull();
            assertThatThrownBy(() -> now(store.putSignIn("s", signIn("b", START)))).isNotNull();
            assertThat(now(store.remove("leaving"))).isPresent();
            assertThat(now(store.use("leaving", START))).isEmpty();
            assertThat(now(store.touch("leaving", START).exceptionally(away -> false))).isFalse();
        } finally {
            redis.again();
        }
        until(() -> store.trouble().isEmpty());
        assertThat(now(store.put("new", session("new")))).isTrue();
    }

    @Test
    void atTheVeryBeginningOfAnOutage_theKnownGoOn() throws Exception {
        now(store.put("known", session("known")));
        untilNothingIsFresh();
        redis.stop();
        try {
            assertThat(now(store.use("known", START))).as("before anybody noticed").isPresent();
            until(() -> store.trouble().isPresent());
            assertThat(now(store.use("known", START))).isPresent();
        } finally {
            redis.again();
        }
    }

    @Test
    void whileRedisIsAway_noMoreSignOutsOfStrangersAreRememberedThanSessions() throws Exception {
        now(store.put("known", session("known")));
        redis.stop();
        try {
            until(() -> store.trouble().isPresent());
            for (int i = 0; i < SESSIONS_MAX; i++) {
                assertThat(now(store.remove("stranger" + i))).isEmpty();
            }
            assertThatThrownBy(() -> now(store.remove("one-too-many"))).isNotNull();
            assertThat(now(store.remove("known"))).isPresent();
            assertThat(now(store.use("known", START))).isEmpty();
        } finally {
            redis.again();
        }
    }

    @Test
    void whoSignedOutElsewhereWhileWeWereAway_isCutAndOutHereWhenWeAreBack() throws Exception {
        try (var gate = TcpGate.before(redis.port())) {
            neighbour = opened("two", origin, (byte) 1, Duration.ofMinutes(1), gate.port());
            untilListening(neighbour);
            now(store.put(KEY, session("r")));
            now(store.put("stays", session("stays")));
            var heard = new Heard();
            neighbour.onChange(heard);
            assertThat(now(neighbour.use(KEY, START))).isPresent();
            assertThat(now(neighbour.use("stays", START))).isPresent();
            gate.shut();
            until(() -> neighbour.trouble().isPresent());
            assertThat(now(store.remove(KEY))).isPresent();
            assertThat(now(neighbour.use(KEY, START))).as("cannot know").isPresent();
            gate.open();
            until(() -> {
                now(neighbour.removeExpired(START)); // The reaper asks again what had no answer.
                return !heard.words.isEmpty();
            });
            assertThat(heard.next()).isEqualTo("ended r");
            assertThat(now(neighbour.use(KEY, START))).isEmpty();
            assertThat(now(neighbour.use("stays", START))).isPresent();
            assertThat(heard.words).isEmpty();
        }
    }

    @Test
    void whenTheGraceIsOver_nobodyIsKnownAnyMoreAndWhatTheyHoldIsCutButHasNotEnded()
            throws Exception {
        var heard = new Heard();
        neighbour = opened("two", origin, (byte) 1, Duration.ZERO);
        neighbour.onChange(heard);
        now(neighbour.put(KEY, session("r")));
        redis.stop();
        try {
            until(() -> neighbour.trouble().isPresent());
            assertThat(now(neighbour.removeExpired(START))).isEmpty();
            assertThat(heard.next()).isEqualTo("unknown r");
            assertThatThrownBy(() -> now(neighbour.use(KEY, START))).isNotNull();
        } finally {
            redis.again();
        }
    }

    /** It may have been used elsewhere: that cannot be known, and is no end. */
    @Test
    void whileRedisIsAway_whoWasIdleHereHasNotEnded() throws Exception {
        var heard = new Heard();
        store.onChange(heard);
        now(store.put(KEY, session("r")));
        untilNothingIsFresh();
        redis.stop();
        try {
            until(() -> store.trouble().isPresent());
            var idle = START.plus(IDLE);
            assertThatThrownBy(() -> now(store.use(KEY, idle))).isNotNull();
            assertThatThrownBy(() -> now(store.touch("r", idle))).isNotNull();
            assertThat(now(store.removeExpired(idle))).isEmpty();
            assertThat(heard.next()).isEqualTo("unknown r");
            assertThatThrownBy(() -> now(store.use(KEY, idle))).isNotNull();
        } finally {
            redis.again();
        }
    }

    @Test
    void whileRedisIsAway_whoIsPastTheLastEndHasEnded() throws Exception {
        var session = session("r");
        now(store.put(KEY, session));
        redis.stop();
        try {
            until(() -> store.trouble().isPresent());
            assertThat(now(store.use(KEY, session.endsAt()))).isEmpty();
            assertThat(now(store.removeExpired(session.endsAt()))).containsExactly(session);
        } finally {
            redis.again();
        }
    }

    @Test
    void whatIsInRedis_tellsNothing() throws Exception {
        now(store.put(KEY, session("r", "subject-canary", "sid-canary")));
        now(store.putSignIn("s", signIn("b", START)));
        var seen = new StringBuilder();
        var link = Objects.requireNonNull(links.get(store).connection()).sync();
        for (var key : link.keys("*")) {
            seen.append(key).append(' ');
            if (link.type(key).equals("hash")) {
                link.hgetall(key)
                        .values()
                        .forEach(v ->
                                seen.append(
                                        new String(
                                                v, java.nio.charset.StandardCharsets.ISO_8859_1)));
            }
        }
        assertThat(seen)
                .contains("session:")
                .doesNotContain("canary", "alice", "verifier", "id-token");
    }
}
