package dev.portcullis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.identity.Principal;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A permit is over when the proof or the grant is, whichever comes first. */
class PermitTest {
    private static final Instant SOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final Instant LATER = SOON.plusSeconds(1);

    @Test
    void proofAndGrantWithoutEnd_hasNone() {
        assertThat(endOf(null, null)).isNull();
    }

    @Test
    void oneEnd_isThePermits() {
        assertThat(endOf(SOON, null)).isEqualTo(SOON);
        assertThat(endOf(null, SOON)).isEqualTo(SOON);
    }

    @Test
    void twoEnds_theEarlierCounts() {
        assertThat(endOf(SOON, LATER)).isEqualTo(SOON);
        assertThat(endOf(LATER, SOON)).isEqualTo(SOON);
    }

    private static Instant endOf(Instant proof, Instant grant) {
        var user = new UserName("alice@example.com");
        var principal =
                new Principal(user, Set.of(), Principal.Means.TOKEN, "issuer", "handle", proof);
        return new Permit(principal, Role.VIEWER, grant).endsAt();
    }
}
