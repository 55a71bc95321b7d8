package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The wall clock is set while people work: by an hour, both ways, and by ten years. */
@ExtendWith(RealParts.Provided.class)
class ClockJumpTest {
    private static final Duration NOTICED = Duration.ofSeconds(2);
    private static final String HERE = "PT0S";

    @Test
    void jumps_signNobodyOutEndTokensAndAreWrittenDown(RealParts parts) throws Exception {
        var off = Project.output("clock").resolve("off");
        set(off, HERE);
        try (var gateway = RecordingGateway.start()) {
            var settings =
                    new SidecarSettings(parts.certificates(), gateway.port(), parts.issuer())
                            .absolute("12h");
            try (var sidecar = Sidecar.startByAnotherClock(parts.certificates(), settings, off);
                    var client = sidecar.connect();
                    var tokenClient = sidecar.connect()) {
                var cookie = SignIn.cookie(parts.certificates(), sidecar, Realm.Person.ALICE);
                client.openSocket("/", cookie);
                assertThat(Frames.read(client.in()).text()).isEqualTo("hello");
                var token = token(parts);
                assertThat(byToken(sidecar, token).status()).isEqualTo(200);
                openByToken(tokenClient, token);

                long noticed = 0;
                for (var jump : List.of("PT-1H", "PT1S", "PT1H", "PT87600H")) {
                    int before = steps(sidecar);
                    long begun = System.nanoTime();
                    set(off, jump);
                    Await.until("the mark", NOTICED, () -> steps(sidecar) == before + 1);
                    noticed = Math.max(noticed, System.nanoTime() - begun);
                    stillThere(sidecar, client, cookie);
                    boolean tokenHolds = jump.equals("PT1S");
                    assertThat(byToken(sidecar, token).status())
                            .as(jump)
                            .isEqualTo(tokenHolds ? 200 : 401);
                    if (jump.equals("PT1H")) {
                        assertThat(Frames.read(tokenClient.in()).closeCode()).isEqualTo(4401);
                    }
                }
                long begun = System.nanoTime();
                set(off, HERE);
                assertThat(byToken(sidecar, token(parts)).status()).isEqualTo(200);
                long recovered = System.nanoTime() - begun;
                Await.until("the mark", NOTICED, () -> steps(sidecar) == 5);
                stillThere(sidecar, client, cookie);
                assertThat(sidecar.ask("metrics").text())
                        .contains("portcullis_clock_steps_total{way=\"ahead\"} 3.0")
                        .contains("portcullis_clock_steps_total{way=\"back\"} 2.0");
                FaultLine.print(
                        "clock -1 h, +1 h, +10 years",
                        "sessions live, tokens 401 and 4401, marked in "
                                + Duration.ofNanos(noticed).toMillis()
                                + " ms",
                        0,
                        recovered);
            }
        }
    }

    private static void set(Path off, String jump) throws IOException {
        var next = off.resolveSibling("next"); // Never half a word.
        Files.writeString(next, jump);
        Files.move(next, off, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private static int steps(Sidecar sidecar) throws IOException {
        return (int)
                sidecar.audit().stream()
                        .filter(line -> line.contains("\"kind\":\"clock\""))
                        .count();
    }

    private static void stillThere(Sidecar sidecar, DoorClient client, String cookie)
            throws IOException {
        assertThat(sidecar.request(BrowserRequests.get("/", cookie)).status()).isEqualTo(200);
        Frames.writeMasked(client.out(), Frames.TEXT, new byte[] {'y', 'e', 's'});
        assertThat(Frames.read(client.in()).text()).isEqualTo("yes");
    }

    private static String token(RealParts parts) throws IOException {
        return SignIn.accessToken(parts.certificates(), parts.issuer(), Realm.Person.ALICE);
    }

    private static Answer byToken(Sidecar sidecar, String token) throws IOException {
        return sidecar.request(
                "GET / HTTP/1.1\r\nHost: "
                        + TestCertificates.DOOR
                        + "\r\nAuthorization: Bearer "
                        + token
                        + "\r\n\r\n");
    }

    private static void openByToken(DoorClient client, String token) throws IOException {
        client.send(
                BrowserRequests.handshake("/", "a=b")
                        .replace("Cookie: a=b", "Authorization: Bearer " + token));
        assertThat(client.answer().status()).isEqualTo(101);
        Frames.writeMasked(client.out(), Frames.TEXT, new byte[] {'h', 'i'});
        assertThat(Frames.read(client.in()).text()).isEqualTo("hi");
    }
}
