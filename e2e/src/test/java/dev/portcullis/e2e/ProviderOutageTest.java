package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** The identity provider is away: at the start, and later. */
@ExtendWith(RealParts.Provided.class)
@Isolated("It measures.")
class ProviderOutageTest {
    private static final Duration PAGE = Duration.ofSeconds(3);
    private static final Duration RECOVERY = Duration.ofSeconds(5);

    @Test
    void providerDownAtStart_isNamedAndRecoveredFromWithoutARestart(RealParts parts)
            throws IOException {
        try (var gate = TcpGate.shut(parts.keycloak().port());
                var recorder = RecordingGateway.start();
                var sidecar = start(parts, gate, recorder)) {
            var ready = sidecar.ask("ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.text()).contains(KeycloakServer.issuer(gate.port()));
            assertThat(sidecar.ask("live").status()).isEqualTo(200);
            signIn_isAClearPageInTime(sidecar);

            gate.open();

            long begun = System.nanoTime();
            var cookie = Await.until("a first sign-in", RECOVERY, () -> signedIn(parts, sidecar));
            assertThat(get(sidecar, cookie).status()).isEqualTo(200);
            Await.until("ready", RECOVERY, () -> sidecar.ask("ready").status() == 200);
            FaultLine.print(
                    "identity provider down at start",
                    "503 page, signed in later",
                    0,
                    System.nanoTime() - begun);
        }
    }

    private static void signIn_isAClearPageInTime(Sidecar sidecar) throws IOException {
        long begin = System.nanoTime();
        var page = SignIn.begin(sidecar);
        var took = Duration.ofNanos(System.nanoTime() - begin);

        assertThat(page.status()).isEqualTo(503);
        assertThat(page.field("retry-after")).isPresent();
        assertThat(page.field("content-type").orElse("")).startsWith("text/html");
        assertThat(page.cookies()).isEmpty();
        assertThat(took).isLessThan(PAGE);
    }

    @Test
    void providerDownLater_leavesSessionsAndSocketsAlone(RealParts parts) throws IOException {
        try (var gate = TcpGate.shut(parts.keycloak().port());
                var recorder = RecordingGateway.start()) {
            gate.open();
            try (var sidecar = start(parts, gate, recorder);
                    var client = sidecar.connect()) {
                var cookie = Await.until("a sign-in", RECOVERY, () -> signedIn(parts, sidecar));
                client.send(BrowserRequests.handshake("/", cookie));
                assertThat(client.answer().status()).isEqualTo(101);

                gate.shut();

                Await.until( // That it answered just now counts for a few seconds.
                        "the outage noticed",
                        RECOVERY.plusSeconds(1),
                        () -> SignIn.begin(sidecar).status() == 503);
                signIn_isAClearPageInTime(sidecar);
                for (int i = 0; i < 20; i++) {
                    assertThat(get(sidecar, cookie).status()).isEqualTo(200);
                    var text = "still here " + i;
                    Frames.writeMasked(
                            client.out(), Frames.TEXT, text.getBytes(StandardCharsets.UTF_8));
                    assertThat(Frames.read(client.in()).text()).isEqualTo(text);
                }
                gate.open();
                long begun = System.nanoTime();
                Await.until("a sign-in", RECOVERY, () -> signedIn(parts, sidecar));
                FaultLine.print(
                        "identity provider down later",
                        "sessions and sockets live, 503 page",
                        0,
                        System.nanoTime() - begun);
            }
        }
    }

    private static Sidecar start(RealParts parts, TcpGate gate, RecordingGateway recorder)
            throws IOException {
        var settings =
                new SidecarSettings(
                        parts.certificates(), recorder.port(), KeycloakServer.issuer(gate.port()));
        return Sidecar.startUnready(parts.certificates(), settings, List.of());
    }

    private static Optional<String> signedIn(RealParts parts, Sidecar sidecar) throws IOException {
        return SignIn.begin(sidecar).status() == 302
                ? Optional.of(SignIn.cookie(parts.certificates(), sidecar, Realm.Person.ALICE))
                : Optional.empty();
    }

    private static Answer get(Sidecar sidecar, String cookie) throws IOException {
        return sidecar.request(BrowserRequests.get("/x", cookie));
    }
}
