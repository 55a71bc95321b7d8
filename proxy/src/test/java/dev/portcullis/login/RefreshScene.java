package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.Secret;
import dev.portcullis.identity.Authentication;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionAuthenticator;
import dev.portcullis.session.SessionSecret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;

/** Somebody signed in, and a provider that is asked again; what refresh tests share. */
abstract class RefreshScene {
    // The stand-in's access tokens are good for 300 s: asked again after 240 s.
    static final Duration DUE = Duration.ofMinutes(4);
    static final Duration OVER = Duration.ofMinutes(5);

    final SignInScene scene = new SignInScene();
    final SessionAuthenticator authenticator =
            new SessionAuthenticator(scene.sessions, scene.refresher, () -> scene.now);
    final List<Reason> closed = new ArrayList<>();

    @AfterEach
    void close() {
        scene.close();
    }

    /** One that is due. */
    Session sessionOf(String user, String issuer) {
        return put(SessionSecret.random(), user, issuer);
    }

    Session put(SessionSecret secret, String user, String issuer) {
        var session =
                new Session(
                                SessionSecret.reference(secret.key()),
                                new UserName(user),
                                Set.of(),
                                issuer,
                                user,
                                null,
                                null,
                                scene.now,
                                scene.now.plus(Duration.ofHours(12)),
                                Duration.ofMinutes(30))
                        .with(
                                null,
                                new Session.Refresh(
                                        new Secret("other"), scene.now, scene.now.plus(OVER)));
        assertThat(join(scene.sessions.put(secret.key(), session))).isTrue();
        return session;
    }

    SignInScene.Browser signedIn() {
        var browser = scene.browser().signIn();
        var _ = scene.connections.register(stored(browser).principal(), closed::add);
        return browser;
    }

    /** The store is away from the moment that the provider answers. */
    void theStoreGoesAwayWithTheTokens() {
        scene.standIn.tokenAnswer =
                body -> {
                    scene.storeAway = true;
                    return body;
                };
    }

    void pass(Duration time) {
        scene.now = scene.now.plus(time);
        vouchAgain();
    }

    /** The same as at the sign-in, as of now; with the nonce of then, as some providers do. */
    void vouchAgain() {
        scene.standIn.claims.put("iat", scene.now.getEpochSecond());
        scene.standIn.claims.put("exp", scene.now.getEpochSecond() + 300);
    }

    Authentication ask(SignInScene.Browser browser) {
        return join(authenticator.authenticate(browser.session()));
    }

    String user(SignInScene.Browser browser) {
        return ((Authentication.Authenticated) ask(browser)).principal().user().value();
    }

    Session stored(SignInScene.Browser browser) {
        var reference =
                SessionSecret.reference(SessionSecret.parse(browser.session()).orElseThrow().key());
        return join(scene.sessions.find(reference, scene.now)).orElseThrow();
    }

    String storedToken(SignInScene.Browser browser) {
        return stored(browser).refresh().token().expose();
    }

    List<String> refreshes() {
        return scene.standIn.tokenRequests.stream()
                .filter(form -> "refresh_token".equals(form.get("grant_type")))
                .map(form -> form.get("refresh_token"))
                .toList();
    }

    static <T> T join(CompletionStage<T> stage) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        return future.join();
    }
}
