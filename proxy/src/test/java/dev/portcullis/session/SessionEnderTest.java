package dev.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Principal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said of a session to what stands on it. */
class SessionEnderTest {
    private final List<Reason> closed = new ArrayList<>();

    @Test
    void sessionThatEndedElsewhere_hasEnded() {
        ender().ended("handle");
        assertThat(closed).containsExactly(Reason.SESSION_ENDED);
    }

    @Test
    void sessionOfWhichNobodyCanSay_isCutForWantOfAStoreAndNotSignedOut() {
        ender().unknown("handle");
        assertThat(closed).containsExactly(Reason.STORE_UNAVAILABLE);
    }

    private SessionEnder ender() {
        var connections = new LiveConnections();
        var user = new UserName("alice@example.com");
        connections.register(
                new Principal(user, Set.of(), Principal.Means.SESSION, "issuer", "handle"),
                closed::add);
        return new SessionEnder(
                UnreachableStore.create(), connections, _ -> true, () -> Instant.EPOCH);
    }
}
