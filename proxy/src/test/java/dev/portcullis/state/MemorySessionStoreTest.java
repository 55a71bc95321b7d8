package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.session.Session;
import dev.portcullis.session.SignInState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class MemorySessionStoreTest {
    private static final Instant START = Instant.parse("2026-11-22T08:00:00Z");
    private static final Duration IDLE = Duration.ofMinutes(30);
    private static final Duration ABSOLUTE = Duration.ofHours(12);
    private static final Duration SIGN_IN_TIME = Duration.ofMinutes(10);

    private final MemorySessionStore store = new MemorySessionStore(3, 12, SIGN_IN_TIME);

    private static Session session(String reference) {
        return new Session(
                reference,
                new UserName("alice@example.com"),
                Set.of(),
                "https://login.example.com",
                "1",
                null,
                null,
                START,
                START.plus(ABSOLUTE),
                IDLE);
    }

    private static SignInState signIn(String browser, Instant at) {
        return new SignInState(browser, "nonce", "verifier", "/", false, at);
    }

    private static <T> T now(CompletionStage<T> stage) {
        var future = stage.toCompletableFuture();
        assertThat(future).isDone();
        return future.join();
    }

    @Test
    void aSession_livesUntilItsIdleTimeIsOver() {
        now(store.put("k", session("r")));
        assertThat(now(store.use("k", START.plus(IDLE).minusMillis(1)))).isPresent();
        var used = START.plus(IDLE).minusMillis(1);
        assertThat(now(store.use("k", used.plus(IDLE).minusMillis(1)))).isPresent();
        assertThat(now(store.use("k", used.plus(IDLE.multipliedBy(2))))).isEmpty();
    }

    @Test
    void atTheVeryInstantItsIdleTimeEnds_itIsOver() {
        now(store.put("k", session("r")));
        assertThat(now(store.use("k", START.plus(IDLE)))).isEmpty();
    }

    @Test
    void aBusySession_endsAtItsAbsoluteEnd() {
        now(store.put("k", session("r")));
        for (var at = START; at.isBefore(START.plus(ABSOLUTE)); at = at.plusSeconds(600)) {
            assertThat(now(store.touch("r", at))).isTrue();
        }
        assertThat(now(store.use("k", START.plus(ABSOLUTE)))).isEmpty();
        assertThat(now(store.touch("r", START.plus(ABSOLUTE)))).isFalse();
        assertThat(now(store.removeExpired(START.plus(ABSOLUTE)))).hasSize(1);
    }

    @Test
    void aTouchedSocket_keepsItsSessionFromTheReaper() {
        now(store.put("k", session("r")));
        assertThat(now(store.touch("r", START.plusSeconds(1000)))).isTrue();
        assertThat(now(store.removeExpired(START.plus(IDLE)))).isEmpty();
        assertThat(now(store.removeExpired(START.plusSeconds(1000).plus(IDLE))))
                .containsExactly(session("r"));
        assertThat(store.sessionCount()).isZero();
        assertThat(now(store.touch("r", START))).isFalse();
    }

    @Test
    void aRemovedSession_isGoneUnderBothNames() {
        now(store.put("k", session("r")));
        assertThat(now(store.remove("k"))).contains(session("r"));
        assertThat(now(store.remove("k"))).isEmpty();
        assertThat(now(store.use("k", START))).isEmpty();
        assertThat(now(store.touch("r", START))).isFalse();
        assertThat(now(store.removeExpired(START.plus(ABSOLUTE)))).isEmpty();
    }

    @Test
    void whenFull_newcomersWaitAndNobodyIsSignedOut() {
        for (var name : new String[] {"1", "2", "3"}) {
            assertThat(now(store.put(name, session(name)))).isTrue();
        }
        assertThat(now(store.put("4", session("4")))).isFalse();
        assertThat(now(store.use("1", START))).isPresent();
        assertThat(now(store.use("4", START))).isEmpty();
        now(store.remove("2"));
        assertThat(now(store.put("4", session("4")))).isTrue();
    }

    @Test
    void aSignIn_isTakenOnce() {
        now(store.putSignIn("s", signIn("b", START)));
        assertThat(now(store.takeSignIn("s", START))).contains(signIn("b", START));
        assertThat(now(store.takeSignIn("s", START))).isEmpty();
    }

    @Test
    void aSignInThatTookTooLong_isGone() {
        now(store.putSignIn("s", signIn("b", START)));
        now(store.putSignIn("t", signIn("b", START)));
        assertThat(now(store.takeSignIn("s", START.plus(SIGN_IN_TIME).minusMillis(1)))).isPresent();
        assertThat(now(store.takeSignIn("t", START.plus(SIGN_IN_TIME)))).isEmpty();
    }

    @Test
    void theSixthSignInOfABrowser_replacesItsFirst() {
        now(store.putSignIn("other", signIn("c", START)));
        for (int i = 1; i <= 6; i++) {
            now(store.putSignIn("s" + i, signIn("b", START)));
        }
        assertThat(now(store.takeSignIn("s1", START))).isEmpty();
        for (int i = 2; i <= 6; i++) {
            assertThat(now(store.takeSignIn("s" + i, START))).isPresent();
        }
        assertThat(now(store.takeSignIn("other", START))).isPresent();
    }

    @Test
    void whenSignInsAreFull_theOldestGivesWay() {
        for (int i = 1; i <= 13; i++) {
            now(store.putSignIn("s" + i, signIn("b" + i, START)));
        }
        assertThat(now(store.takeSignIn("s1", START))).isEqualTo(Optional.empty());
        assertThat(now(store.takeSignIn("s2", START))).isPresent();
        assertThat(now(store.takeSignIn("s13", START))).isPresent();
    }

    @Test
    void nothingLeftBehind_afterSignInsHaveEnded() {
        var table = new SignInTable(10, SIGN_IN_TIME);
        for (int i = 0; i < 10; i++) {
            table.put("s" + i, signIn("b" + i % 3, START.plusSeconds(i)));
        }
        table.removeExpired(START.plus(SIGN_IN_TIME).plusSeconds(4));
        assertThat(table.size()).isEqualTo(5);
        table.removeExpired(START.plus(SIGN_IN_TIME).plusSeconds(9));
        assertThat(table.size()).isZero();
    }
}
