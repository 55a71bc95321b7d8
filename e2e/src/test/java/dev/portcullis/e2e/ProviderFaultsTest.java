package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.e2e.FaultyIssuer.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The identity provider answers, but wrongly: what it says is bounded, and not believed. */
@Isolated("It measures.")
class ProviderFaultsTest {
    /** {@code limits.provider-time} here, and room for a machine that does other things too. */
    private static final Duration BOUND = Duration.ofSeconds(3);

    private static final Duration RECOVERY = Duration.ofSeconds(6);
    private static final int MADE_UP = 200;
    private static final String KEPT = "what is known of it stays in use";

    private final TestCertificates certificates;
    private final TestAuthority authority;
    private final List<FaultyIssuer> issuers = new ArrayList<>();
    private final RecordingGateway gateway;

    ProviderFaultsTest() throws GeneralSecurityException, IOException {
        certificates = TestCertificates.ofThisRun();
        authority = new TestAuthority("Providers");
        gateway = RecordingGateway.start();
    }

    @AfterEach
    void close() throws IOException {
        issuers.forEach(FaultyIssuer::close);
        gateway.close();
    }

    @Test
    void wrongFromTheStart_is503InTimeAndWellAgainAlone() throws Exception {
        for (var fault :
                List.of(
                        Fault.SLOW,
                        Fault.TRUNCATED,
                        Fault.TEN_MEGABYTES,
                        Fault.NO_JSON,
                        Fault.ELSEWHERE,
                        Fault.OTHER_ISSUER)) {
            issuer(fault);
        }
        var expired = issuer(Fault.NONE);
        expired.shows(authority.server(Instant.now().minusSeconds(60)));
        try (var sidecar = start()) {
            long longest = 0;
            for (var issuer : issuers) {
                long begun = System.nanoTime();
                assertThat(byToken(sidecar, issuer.token())).isEqualTo(503);
                longest = Math.max(longest, System.nanoTime() - begun);
            }
            long begun = System.nanoTime();
            var page = SignIn.begin(sidecar);
            longest = Math.max(longest, System.nanoTime() - begun);
            assertThat(page.status()).isEqualTo(503);
            assertThat(page.field("content-type").orElse("")).startsWith("text/html");
            assertThat(Duration.ofNanos(longest)).isLessThan(BOUND);
            assertThat(sidecar.ask("ready").text()).contains(issuers.getFirst().issuer());
            for (var issuer : issuers) {
                assertThat(says(sidecar, KEPT, issuer)).isTrue();
            }
            assertThat(issuers).allMatch(issuer -> issuer.elsewhere() == 0);
            assertThat(gateway.received()).isZero();

            expired.shows(authority.server());
            issuers.forEach(issuer -> issuer.fails(Fault.NONE));
            begun = System.nanoTime();
            for (var issuer : issuers) {
                var token = issuer.token();
                Await.until(issuer.issuer(), RECOVERY, () -> byToken(sidecar, token) == 200);
            }
            Await.until("a sign-in", RECOVERY, () -> SignIn.begin(sidecar).status() == 302);
            FaultLine.print(
                    "identity provider slow, cut, 10 MB, no JSON, elsewhere",
                    "503 within " + Duration.ofNanos(longest).toMillis() + " ms, nothing followed",
                    0,
                    System.nanoTime() - begun);
        }
    }

    @Test
    void keysRotatedOrGone_countWithinFiveSecondsWhateverIsMadeUp() throws Exception {
        issuer(Fault.NONE); // For sign-ins, which ask for keys too.
        var rotating = issuer(Fault.NONE);
        var emptied = issuer(Fault.NONE);
        try (var sidecar = start()) {
            var old = rotating.token();
            var gone = emptied.token();
            assertThat(byToken(sidecar, old)).isEqualTo(200);
            assertThat(byToken(sidecar, gone)).isEqualTo(200);
            long begun = System.nanoTime();
            int before = rotating.keyFetches();
            for (int i = 0; i < MADE_UP; i++) {
                assertThat(byToken(sidecar, rotating.token("made-up-" + i))).isEqualTo(401);
            }

            rotating.rotate();
            emptied.fails(Fault.NO_KEYS);

            long rotated = System.nanoTime();
            assertThat(byToken(sidecar, emptied.token("made-up"))).isEqualTo(401);
            assertThat(byToken(sidecar, gone)).isEqualTo(401);
            var fresh = rotating.token();
            Await.until("the new key", RECOVERY, () -> byToken(sidecar, fresh) == 200);
            long recovered = System.nanoTime() - rotated;
            assertThat(byToken(sidecar, old)).isEqualTo(401);
            int fetches = rotating.keyFetches() - before;
            long whole = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            assertThat((long) fetches).isLessThanOrEqualTo(whole / 5 + 1);
            FaultLine.print(
                    "keys rotated, emptied, " + MADE_UP + " made up",
                    "200 by the new key, 401 by the old, " + fetches + " fetches",
                    0,
                    recovered);
        }
    }

    @Test
    void expiredCertificateAndOtherIssuer_areRefusedAndTheLastGoodKeysStay() throws Exception {
        var expired = issuer(Fault.NONE);
        var renamed = issuer(Fault.NONE);
        try (var sidecar = start()) {
            for (var issuer : issuers) {
                assertThat(byToken(sidecar, issuer.token())).isEqualTo(200);
            }
            expired.shows(authority.server(Instant.now().minusSeconds(60)));
            renamed.fails(Fault.OTHER_ISSUER);
            for (var issuer : issuers) {
                assertThat(byToken(sidecar, issuer.token("made-up"))).isEqualTo(401);
                Await.until("the alarm", RECOVERY, () -> says(sidecar, KEPT, issuer));
                assertThat(byToken(sidecar, issuer.token())).isEqualTo(200);
            }
            expired.shows(authority.server());
            renamed.fails(Fault.NONE);
            long begun = System.nanoTime();
            for (var issuer : issuers) {
                issuer.rotate();
                var fresh = issuer.token();
                Await.until("a new key", RECOVERY, () -> byToken(sidecar, fresh) == 200);
                assertThat(says(sidecar, "identity provider answers", issuer)).isTrue();
            }
            FaultLine.print(
                    "provider's certificate expired, other issuer",
                    "200 by the keys that were good, alarm",
                    0,
                    System.nanoTime() - begun);
        }
    }

    private static boolean says(Sidecar sidecar, String what, FaultyIssuer issuer)
            throws IOException {
        return sidecar.log()
                .lines()
                .anyMatch(line -> line.contains(what) && line.contains(issuer.issuer()));
    }

    private FaultyIssuer issuer(Fault fault) throws GeneralSecurityException, IOException {
        var issuer = FaultyIssuer.start(authority, fault);
        issuers.add(issuer);
        return issuer;
    }

    /** It takes tokens of all of them; people sign in at the first. */
    private Sidecar start() throws IOException {
        var ca = Project.output("providers").resolve("ca.crt");
        Files.writeString(ca, authority.pem());
        var settings =
                new SidecarSettings(certificates, gateway.port(), issuers.getFirst().issuer())
                        .trusting(ca)
                        .section("limits", "{ provider-time: 1s }");
        settings.section(
                "tokens",
                issuers.stream()
                        .map(issuer -> settings.token(issuer.issuer(), "at+jwt"))
                        .collect(Collectors.joining(", ", "[", "]")));
        return Sidecar.startUnready(certificates, settings, List.of());
    }

    private static int byToken(Sidecar sidecar, String token) throws IOException {
        return sidecar.request(
                        "GET / HTTP/1.1\r\nHost: "
                                + TestCertificates.DOOR
                                + "\r\nAuthorization: Bearer "
                                + token
                                + "\r\n\r\n")
                .status();
    }
}
