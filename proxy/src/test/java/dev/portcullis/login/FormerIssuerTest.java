package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Authentication;
import dev.portcullis.session.SessionSecret;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Nobody can be asked about whom an issuer of before signed in: such sessions end. */
class FormerIssuerTest extends RefreshScene {
    @Test
    void aSessionOfAFormerIssuer_isNobodyAndEnds() {
        var secret = SessionSecret.random();
        put(secret, "bob@example.com", "https://former.example.com");
        assertThat(join(authenticator.authenticate(secret.expose())))
                .isEqualTo(new Authentication.Rejected(Reason.SESSION_UNKNOWN));
        assertThat(scene.sessions.sessionCount()).isZero();
        assertThat(scene.lastReason()).isEqualTo(Reason.ACCESS_CHANGED);
    }

    @Test
    void sessionsOfAFormerIssuer_endAtTheStart() {
        sessionOf("bob@example.com", "https://former.example.com");
        var browser = signedIn();
        try (var timer = Executors.newSingleThreadScheduledExecutor()) {
            scene.refresher.start(timer);
            timer.shutdownNow();
        }
        assertThat(scene.sessions.sessionCount()).isEqualTo(1);
        assertThat(user(browser)).isEqualTo("alice@example.com");
    }

    @Test
    void sessionsOfAFormerIssuer_endOnceTheStoreAnswers() {
        sessionOf("bob@example.com", "https://former.example.com");
        scene.storeAway = true;
        try (var timer = Executors.newSingleThreadScheduledExecutor()) {
            scene.refresher.start(timer);
            timer.shutdownNow();
        }
        scene.refresher.round();
        assertThat(scene.sessions.sessionCount()).isEqualTo(1);
        scene.storeAway = false;
        scene.refresher.round();
        assertThat(scene.sessions.sessionCount()).isZero();
    }
}
