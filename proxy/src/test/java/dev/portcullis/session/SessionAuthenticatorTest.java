package dev.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Authentication;
import dev.portcullis.state.MemorySessionStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionAuthenticatorTest {
    private static final Instant START = Instant.parse("2026-11-22T08:00:00Z");

    private Instant now = START;
    private final SessionStore store =
            new MemorySessionStore(
                    10, 10, Duration.ofMinutes(10), () -> Duration.between(START, now).toNanos());
    private final List<AuditEvent> audit = new ArrayList<>();
    private final SessionAuthenticator authenticator = new SessionAuthenticator(store, () -> now);

    private SessionSecret signedIn() {
        var secret = SessionSecret.random();
        var session =
                new Session(
                        SessionSecret.reference(secret.key()),
                        new UserName("alice@example.com"),
                        Set.of("sre"),
                        "https://login.example.com",
                        "1",
                        null,
                        null,
                        START,
                        START.plus(Duration.ofHours(12)),
                        Duration.ofMinutes(30));
        assertThat(store.put(secret.key(), session)).isCompletedWithValue(true);
        return secret;
    }

    @Test
    void aLivingSession_isItsUserAtOnce() {
        var secret = signedIn();
        assertThat(authenticator.authenticate(secret.expose()))
                .isCompletedWithValueMatching(it ->
                        it instanceof Authentication.Authenticated(var principal)
                                && principal.user().value().equals("alice@example.com")
                                && principal.groups().contains("sre")
                                && !principal.handle().contains(secret.expose()));
    }

    @Test
    void anUnknownOrEndedSession_isRejected() {
        var unknown = new Authentication.Rejected(Reason.SESSION_UNKNOWN);
        assertThat(authenticator.authenticate(SessionSecret.random().expose()))
                .isCompletedWithValue(unknown);
        var secret = signedIn();
        now = START.plus(Duration.ofMinutes(30));
        assertThat(authenticator.authenticate(secret.expose())).isCompletedWithValue(unknown);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"})
    void whatCannotBeASession_neverReachesTheStore(String value) {
        var guarded = new SessionAuthenticator(UnreachableStore.create(), () -> now);
        assertThat(guarded.authenticate(value))
                .isCompletedWithValue(new Authentication.Rejected(Reason.SESSION_UNKNOWN));
    }

    @Test
    void aStoreOutOfReach_leavesItUndecided() {
        var guarded = new SessionAuthenticator(UnreachableStore.create(), () -> now);
        assertThat(guarded.authenticate(SessionSecret.random().expose()))
                .isCompletedWithValue(new Authentication.Undecidable(Reason.STORE_UNAVAILABLE));
    }

    @Test
    void aBusySocket_keepsItsSession() {
        var secret = signedIn();
        var handle = SessionSecret.reference(secret.key());
        now = START.plus(Duration.ofMinutes(29));
        assertThat(authenticator.seen(handle)).isCompletedWithValue(true);
        now = START.plus(Duration.ofMinutes(58));
        assertThat(authenticator.session(secret.expose()))
                .isCompletedWithValueMatching(Optional::isPresent);
        assertThat(authenticator.seen("nobody")).isCompletedWithValue(false);
    }

    @Test
    void theReaper_closesTheSocketsOfWhatHasEndedAndNoOthers() {
        var idle = principal(signedIn());
        now = START.plus(Duration.ofMinutes(20));
        var busy = signedIn();
        authenticator.authenticate(busy.expose());
        List<Reason> ofIdle = new ArrayList<>();
        List<Reason> ofBusy = new ArrayList<>();
        var connections = new LiveConnections();
        connections.register(idle, ofIdle::add);
        connections.register(principal(busy), ofBusy::add);
        now = START.plus(Duration.ofMinutes(20));
        try (var scheduler = Executors.newSingleThreadScheduledExecutor();
                var reaper =
                        SessionReaper.start(
                                new SessionEnder(store, connections, this::keep, () -> now),
                                scheduler)) {
            scheduler.shutdownNow(); // The test sets the pace.
            authenticator.seen(SessionSecret.reference(busy.key()));
            now = START.plus(Duration.ofMinutes(50)).minusMillis(1);
            reaper.reap();
            assertThat(ofIdle).containsExactly(Reason.SESSION_IDLE);
            assertThat(ofBusy).isEmpty();
            now = START.plus(Duration.ofHours(12));
            reaper.reap();
            assertThat(ofBusy).containsExactly(Reason.SESSION_EXPIRED);
        }
        assertThat(audit)
                .extracting(AuditEvent::reason)
                .containsExactly(Reason.SESSION_IDLE, Reason.SESSION_EXPIRED);
    }

    private boolean keep(AuditEvent event) {
        return audit.add(event);
    }

    private dev.portcullis.identity.Principal principal(SessionSecret secret) {
        return store.use(secret.key(), now).toCompletableFuture().join().orElseThrow().principal();
    }
}
