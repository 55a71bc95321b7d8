package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.config.Secret;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionStore;
import dev.portcullis.session.SignInState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every store must do, whatever it is made of. The clock of these tests is their own, near the
 * real one: a store may let the outside world forget by itself.
 */
abstract class SessionStoreContract {
    static final String KEY = "k";
    static final String ISSUER = "https://login.example.com";
    static final Instant START = Instant.ofEpochMilli(System.currentTimeMillis());
    static final Duration IDLE = Duration.ofMinutes(30);
    static final Duration ABSOLUTE = Duration.ofHours(12);
    static final Duration SIGN_IN_TIME = Duration.ofMinutes(10);
    static final int SESSIONS_MAX = 3;
    static final int SIGN_INS_MAX = 12;

    /** The same for the whole of one test; with room for the numbers above. */
    abstract SessionStore store();

    static Session session(String reference) {
        return session(reference, "1", null);
    }

    static Session session(String reference, String subject, @Nullable String sid) {
        return new Session(
                reference,
                new UserName("alice@example.com"),
                Set.of("sre"),
                ISSUER,
                subject,
                sid,
                "id-token",
                START,
                START.plus(ABSOLUTE),
                IDLE);
    }

    static SignInState signIn(String browser, Instant at) {
        return new SignInState(browser, "nonce", "verifier", "/", false, at);
    }

    static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void aSession_livesUntilItsIdleTimeIsOver() {
        now(store().put(KEY, session("r")));
        assertThat(now(store().use(KEY, START.plus(IDLE).minusMillis(1)))).isPresent();
        var used = START.plus(IDLE).minusMillis(1);
        assertThat(now(store().use(KEY, used.plus(IDLE).minusMillis(1)))).isPresent();
        assertThat(now(store().use(KEY, used.plus(IDLE.multipliedBy(2))))).isEmpty();
    }

    @Test
    void atTheVeryInstantItsIdleTimeEnds_itIsOver() {
        now(store().put(KEY, session("r")));
        assertThat(now(store().use(KEY, START.plus(IDLE)))).isEmpty();
    }

    @Test
    void aBusySession_endsAtItsAbsoluteEnd() {
        now(store().put(KEY, session("r")));
        for (var at = START; at.isBefore(START.plus(ABSOLUTE)); at = at.plusSeconds(600)) {
            assertThat(now(store().touch("r", at))).isTrue();
        }
        assertThat(now(store().use(KEY, START.plus(ABSOLUTE)))).isEmpty();
        assertThat(now(store().touch("r", START.plus(ABSOLUTE)))).isFalse();
        assertThat(now(store().removeExpired(START.plus(ABSOLUTE)))).hasSize(1);
    }

    @Test
    void aTouchedSocket_keepsItsSessionFromTheReaper() {
        now(store().put(KEY, session("r")));
        assertThat(now(store().touch("r", START.plusSeconds(1000)))).isTrue();
        assertThat(now(store().removeExpired(START.plus(IDLE)))).isEmpty();
        assertThat(now(store().removeExpired(START.plusSeconds(1000).plus(IDLE))))
                .containsExactly(session("r"));
        assertThat(now(store().touch("r", START))).isFalse();
    }

    @Test
    void aRemovedSession_isGoneUnderBothNames() {
        now(store().put(KEY, session("r")));
        assertThat(now(store().remove(KEY))).contains(session("r"));
        assertThat(now(store().remove(KEY))).isEmpty();
        assertThat(now(store().use(KEY, START))).isEmpty();
        assertThat(now(store().touch("r", START))).isFalse();
        assertThat(now(store().removeExpired(START.plus(ABSOLUTE)))).isEmpty();
    }

    @Test
    void whenFull_newcomersWaitAndNobodyIsSignedOut() {
        for (var name : new String[] {"1", "2", "3"}) {
            assertThat(now(store().put(name, session(name)))).isTrue();
        }
        assertThat(now(store().put("4", session("4")))).isFalse();
        assertThat(now(store().use("1", START))).isPresent();
        assertThat(now(store().use("4", START))).isEmpty();
        now(store().remove("2"));
        assertThat(now(store().put("4", session("4")))).isTrue();
    }

    @Test
    void aSignIn_isTakenOnce() {
        now(store().putSignIn("s", signIn("b", START)));
        assertThat(now(store().takeSignIn("s", START))).contains(signIn("b", START));
        assertThat(now(store().takeSignIn("s", START))).isEmpty();
    }

    @Test
    void aSignInThatTookTooLong_isGone() {
        now(store().putSignIn("s", signIn("b", START)));
        now(store().putSignIn("t", signIn("b", START)));
        assertThat(now(store().takeSignIn("s", START.plus(SIGN_IN_TIME).minusMillis(1))))
                .isPresent();
        assertThat(now(store().takeSignIn("t", START.plus(SIGN_IN_TIME)))).isEmpty();
    }

    @Test
    void theSixthSignInOfABrowser_replacesItsFirst() {
        now(store().putSignIn("other", signIn("c", START)));
        for (int i = 1; i <= 6; i++) {
            now(store().putSignIn("s" + i, signIn("b", START)));
        }
        assertThat(now(store().takeSignIn("s1", START))).isEmpty();
        for (int i = 2; i <= 6; i++) {
            assertThat(now(store().takeSignIn("s" + i, START))).isPresent();
        }
        assertThat(now(store().takeSignIn("other", START))).isPresent();
    }

    @Test
    void whenSignInsAreFull_theOldestGivesWay() {
        for (int i = 1; i <= 13; i++) {
            now(store().putSignIn("s" + i, signIn("b" + i, START)));
        }
        assertThat(now(store().takeSignIn("s1", START))).isEqualTo(Optional.empty());
        assertThat(now(store().takeSignIn("s2", START))).isPresent();
        assertThat(now(store().takeSignIn("s13", START))).isPresent();
    }

    @Test
    void aKeyOrReferenceThatIsThere_isNotGivenAway() {
        assertThat(now(store().put(KEY, session("r")))).isTrue();
        assertThat(now(store().put(KEY, session("other", "2", null)))).isFalse();
        assertThat(now(store().use(KEY, START))).contains(session("r"));
    }

    @Test
    void aSession_isFoundByItsReferenceWithoutBeingUsed() {
        now(store().put(KEY, session("r")));
        assertThat(now(store().find("r", START.plus(IDLE).minusMillis(1)))).contains(session("r"));
        assertThat(now(store().find("r", START.plus(IDLE)))).isEmpty();
        assertThat(now(store().find("nobody", START))).isEmpty();
    }

    @Test
    void aSession_isRemovedByItsReference() {
        now(store().put(KEY, session("r")));
        assertThat(now(store().removeByReference("nobody"))).isEmpty();
        assertThat(now(store().removeByReference("r"))).contains(session("r"));
        assertThat(now(store().removeByReference("r"))).isEmpty();
        assertThat(now(store().use(KEY, START))).isEmpty();
        assertThat(now(store().bySubject(ISSUER, "1"))).isEmpty();
    }

    @Test
    void theList_hasWhatLivesAndWhenItWasUsed() {
        now(store().put("1", session("1")));
        now(store().put("2", session("2")));
        now(store().touch("1", START.plusSeconds(900)));
        assertThat(now(store().list(START.plusSeconds(900))))
                .containsExactlyInAnyOrder(
                        new SessionStore.Listed(session("1"), START.plusSeconds(900)),
                        new SessionStore.Listed(session("2"), START));
        assertThat(now(store().list(START.plus(IDLE))))
                .extracting(listed -> listed.session().reference())
                .containsExactly("1");
    }

    @Test
    void sessions_areFoundByWhatTheyStandOnAtTheProviderAndByNothingElse() {
        var one = session("1", "alice", "sid-1");
        var two = session("2", "alice", "sid-2");
        var other = session("3", "bob", null);
        now(store().put("1", one));
        now(store().put("2", two));
        now(store().put("3", other));
        assertThat(now(store().bySubject(ISSUER, "alice"))).containsExactlyInAnyOrder(one, two);
        assertThat(now(store().byProviderSession(ISSUER, "sid-1"))).containsExactly(one);
        assertThat(now(store().bySubject("https://evil.example", "alice"))).isEmpty();
        assertThat(now(store().byProviderSession(ISSUER, "alice"))).isEmpty();
        assertThat(now(store().bySubject(ISSUER, "sid-1"))).isEmpty();
        now(store().remove("1"));
        assertThat(now(store().bySubject(ISSUER, "alice"))).containsExactly(two);
        assertThat(now(store().byProviderSession(ISSUER, "sid-1"))).isEmpty();
    }

    @Test
    void aChange_isSeenAtOnceAndOnlyOneOfTwoWins() {
        var before =
                session("r")
                        .with("192.0.2.1", new Session.Refresh(new Secret("one"), START, START));
        now(store().put(KEY, before));
        var next = new Session.Refresh(new Secret("two"), START.plusSeconds(60), START);
        var after = before.refreshed(before.user(), Set.of("dev"), "newer", next);
        assertThat(now(store().replace(before, after))).isTrue();
        assertThat(now(store().replace(before, after))).isFalse();
        assertThat(now(store().use(KEY, START))).contains(after);
        assertThat(now(store().find("r", START)).orElseThrow().refresh()).isEqualTo(next);
        assertThat(now(store().bySubject(ISSUER, "1"))).containsExactly(after);
    }

    @Test
    void aChange_bringsNothingBackAndCrossesNoSessions() {
        var before = session("r");
        var after = before.refreshed(before.user(), Set.of(), null, null);
        assertThat(now(store().replace(before, after))).isFalse();
        now(store().put(KEY, before));
        assertThat(now(store().replace(before, before))).isFalse();
        assertThat(
                        now(
                                store().replace(
                                                before,
                                                session("s")
                                                        .refreshed(
                                                                before.user(),
                                                                Set.of(),
                                                                null,
                                                                null))))
                .isFalse();
        now(store().remove(KEY));
        assertThat(now(store().replace(before, after))).isFalse();
        assertThat(now(store().use(KEY, START))).isEmpty();
    }

    @Test
    void aChange_doesNotMoveTheIdleTime() {
        var before = session("r");
        now(store().put(KEY, before));
        now(store().replace(before, before.refreshed(before.user(), Set.of(), null, null)));
        assertThat(now(store().find("r", START.plus(IDLE)))).isEmpty();
    }

    @Test
    void anId_isUsedOnceUntilItsEnd() {
        var end = START.plusSeconds(60);
        assertThat(now(store().firstUse("a", "1", START, end))).isTrue();
        assertThat(now(store().firstUse("a", "1", START.plusSeconds(59), end))).isFalse();
        assertThat(now(store().firstUse("b", "1", START, end))).isTrue();
        assertThat(now(store().firstUse("a", "2", START, end))).isTrue();
        assertThat(now(store().firstUse("a", "1 ", START, end))).isTrue();
    }

    @Test
    void anIdWhoseEndHasCome_isNotTaken() {
        assertThat(now(store().firstUse("a", "1", START, START))).isFalse();
        assertThat(now(store().firstUse("a", "1", START, START.minusSeconds(1)))).isFalse();
    }

    @Test
    void ofManyUsesAtOnce_oneIsTheFirst() {
        var uses =
                IntStream.range(0, 50)
                        .parallel()
                        .mapToObj(i -> store().firstUse("a", "1", START, START.plusSeconds(60)))
                        .toList();
        assertThat(uses.stream().filter(SessionStoreContract::now)).hasSize(1);
    }

    @Test
    void whatWasTakenBack_isRevokedInItsScope() {
        assertThat(now(store().isRevoked("t", "1", START))).isFalse();
        now(store().revoke("t", "1", START, START.plusSeconds(60)));
        now(store().revoke("t", "1", START, START.plusSeconds(60)));
        assertThat(now(store().isRevoked("t", "1", START))).isTrue();
        assertThat(now(store().isRevoked("u", "1", START))).isFalse();
        assertThat(now(store().isRevoked("t", "2", START))).isFalse();
    }

    @Test
    void aLease_hasOneHolderUntilItIsReleased() {
        var end = START.plusSeconds(60);
        assertThat(now(store().tryLease("r", "me", START, end))).isTrue();
        assertThat(now(store().tryLease("r", "you", START, end))).isFalse();
        assertThat(now(store().tryLease("s", "you", START, end))).isTrue();
        now(store().release("r", "you"));
        assertThat(now(store().tryLease("r", "you", START, end))).isFalse();
        assertThat(now(store().tryLease("r", "me", START, end))).isTrue();
        now(store().release("r", "me"));
        assertThat(now(store().tryLease("r", "you", START, end))).isTrue();
    }

    @Test
    void whatTheStoreHolds_isNotInItsWords() {
        var session =
                session("r").with(null, new Session.Refresh(new Secret("canary"), START, START));
        assertThat(session.toString()).doesNotContain("canary", "id-token");
    }
}
