package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.AllowedUser;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.RequestHeads;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.Principal;
import dev.portcullis.policy.AllowList;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import dev.portcullis.policy.Policy;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionAuthenticator;
import dev.portcullis.session.SessionStore;
import dev.portcullis.session.UnreachableStore;
import dev.portcullis.state.MemorySessionStore;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What ended between the decision and the entry is not missed, nor called what it is not. */
class LiveRegistrationTest {
    private static final Instant NOW = Instant.parse("2026-11-22T08:00:00Z");
    private static final UserName ALICE = new UserName("alice@example.com");

    private final List<Reason> closed = new ArrayList<>();

    @Test
    void storeThatDoesNotAnswerAnyMore_letsNothingInAndIsCalledAway() {
        var registration = registered(UnreachableStore.create());
        registration.confirm(true);
        assertThat(closed).containsExactly(Reason.STORE_UNAVAILABLE);
    }

    @Test
    void storeThatIsAwayForAMoment_takesNoOpenSocketAlong() {
        var registration = registered(UnreachableStore.create());
        registration.active();
        assertThat(closed).isEmpty();
    }

    @Test
    void sessionThatIsGone_hasEnded() {
        var registration = registered(new MemorySessionStore(1, 1, Duration.ofMinutes(1), () -> 0));
        registration.confirm(true);
        assertThat(closed).containsExactly(Reason.SESSION_ENDED);
    }

    private LiveRegistration registered(SessionStore store) {
        var sessions = new SessionAuthenticator(store, () -> NOW);
        var gate =
                new Gate(
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        new LiveConnections(),
                        sessions,
                        null,
                        null,
                        null,
                        null,
                        () -> false,
                        () -> NOW);
        return new LiveRegistration(gate, permit(), closed::add, ImmediateEventExecutor.INSTANCE);
    }

    private static Permit permit() {
        var lines = List.of(new AllowedUser(ALICE, null, Role.OPERATOR, null, null));
        var policy =
                new Policy(new AllowList(lines), new PublicOrigin("claw.example.com", 443), "/");
        var bytes =
                "GET /a HTTP/1.1\r\nHost: claw.example.com\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII);
        var head = (RequestHead) RequestHeads.parse(bytes, bytes.length, 9);
        var alice = new Principal(ALICE, Set.of(), Principal.Means.SESSION, "issuer", "handle");
        var decision = policy.decide(head, new Authentication.Authenticated(alice), NOW);
        return ((Decision.Allow) decision).permit();
    }
}
