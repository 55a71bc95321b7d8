package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.demo.GatewayInstall;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sign-in against a provider that insists on pushed requests and a client that signs. */
class OidcProviderTest {
    private static final String USER = Realm.Person.ALICE.user();
    private static final Duration SOON = Duration.ofSeconds(20);

    private static TestCertificates certificates;
    private static OidcProviderServer provider;
    private static RecordingGateway recorder;
    private static Sidecar door;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        var obstacle = OidcProviderServer.obstacle();
        if (obstacle != null) {
            Assumptions.assumeTrue(Project.nothingMayBeLeftOut(), obstacle);
        }
        certificates = TestCertificates.ofThisRun();
        provider =
                OidcProviderServer.start(
                        certificates, GatewayInstall.node(System.getenv(), (what, line) -> {}));
        recorder = RecordingGateway.start();
        door = Sidecar.start(certificates, provider.settings(certificates, recorder.port()));
        provider.calls(door);
    }

    @AfterAll
    static void stop() throws IOException {
        if (door != null) {
            door.close();
        }
        if (recorder != null) {
            recorder.close();
        }
        if (provider != null) {
            provider.close();
        }
    }

    @Test
    void signIn_isPushedSignedAndComesToASession() throws IOException {
        long pushed = provider.count("pushed_authorization_request.success");
        var begun = SignIn.begin(door);
        var query = URI.create(begun.field("location").orElseThrow()).getRawQuery();
        assertThat(query).contains("request_uri=", "client_id=portcullis").doesNotContain("state=");
        var cookie = finished(new OidcProviderDance(certificates, provider.issuer()), begun);
        assertThat(get(cookie).status()).isEqualTo(200);
        assertThat(provider.count("pushed_authorization_request.success")).isEqualTo(pushed + 1);
        assertThat(provider.printed()).doesNotContain("server_error", "authorization.error");
    }

    @Test
    void codeUsedTwice_isRefusedWithoutASession() throws IOException {
        var begun = SignIn.begin(door);
        var back =
                new OidcProviderDance(certificates, provider.issuer()).throughSignIn(begun, USER);
        assertThat(callback(back, begun).cookies()).anyMatch(c -> c.startsWith(SignIn.COOKIE));
        var again = callback(back, begun);
        assertThat(again.status()).isEqualTo(400);
        assertThat(again.cookies()).noneMatch(c -> c.startsWith(SignIn.COOKIE + "="));

        // The same code under a state of its own: the provider knows it as used.
        var other = SignIn.begin(door);
        var mine =
                new OidcProviderDance(certificates, provider.issuer()).throughSignIn(other, USER);
        var crossed =
                URI.create(mine.toString().replaceFirst("code=[^&]+", "code=" + codeOf(back)));
        var refused = callback(crossed, other);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.cookies()).noneMatch(c -> c.startsWith(SignIn.COOKIE + "="));
    }

    @Test
    void twoTabs_bothFinish() throws IOException {
        var dance = new OidcProviderDance(certificates, provider.issuer());
        var first = SignIn.begin(door);
        var cookies = String.join("; ", first.cookies());
        var second = door.request(BrowserRequests.navigation("/_portcullis/sign-in", cookies));
        var backSecond = dance.throughSignIn(second, USER);
        var backFirst = dance.throughSignIn(first, USER);
        for (var back : new URI[] {backFirst, backSecond}) {
            var done = door.request(BrowserRequests.navigation(target(back), cookies));
            assertThat(done.status()).isEqualTo(302);
            assertThat(done.cookies()).anyMatch(c -> c.startsWith(SignIn.COOKIE + "="));
        }
    }

    @Test
    void accessTokensOfTenSeconds_areRenewedWithRotationAndNobodyNotices() throws IOException {
        var cookie =
                finished(
                        new OidcProviderDance(certificates, provider.issuer()), SignIn.begin(door));
        long before = provider.count("grant.success refresh_token");
        Await.until(
                "two refreshes",
                Duration.ofSeconds(40),
                () -> {
                    assertThat(get(cookie).status()).isEqualTo(200);
                    return provider.count("grant.success refresh_token") >= before + 2;
                });
        assertThat(get(cookie).status()).isEqualTo(200);
        assertThat(provider.count("grant.error refresh_token")).isZero();
    }

    @Test
    void leavingTheProvider_endsTheSessionAndItsSocketByTheBackChannel() throws IOException {
        var dance = new OidcProviderDance(certificates, provider.issuer());
        var cookie = finished(dance, SignIn.begin(door));
        try (var client = door.connect()) {
            client.openSocket("/", cookie);
            dance.leave();
            assertThat(closeCode(client)).isEqualTo(4401);
        }
        assertThat(get(cookie).status()).isEqualTo(401);
        Await.until("its report", SOON, () -> provider.count("backchannel.success") > 0);
        assertThat(provider.printed()).contains("back-channel 200");
        assertThat(door.audit())
                .anyMatch(line -> line.contains("\"reason\":\"back-channel-logout\""));
    }

    @Test
    void signOut_givesTheRefreshTokenBackAndLeadsToTheProvidersOwn() throws IOException {
        var cookie =
                finished(
                        new OidcProviderDance(certificates, provider.issuer()), SignIn.begin(door));
        long before = provider.count("revocation.success") + provider.count("grant.revoked");
        var left = door.request(BrowserRequests.signOut(cookie));
        assertThat(left.status()).isEqualTo(303);
        assertThat(left.field("location").orElse(""))
                .startsWith(provider.issuer() + "/session/end?")
                .contains("id_token_hint=");
        assertThat(left.field("clear-site-data")).contains("\"cache\"");
        Await.until(
                "the token given back",
                SOON,
                () ->
                        provider.count("revocation.success") + provider.count("grant.revoked")
                                > before);
        assertThat(get(cookie).status()).isEqualTo(401);
    }

    private static String finished(OidcProviderDance dance, Answer begun) throws IOException {
        var done = callback(dance.throughSignIn(begun, USER), begun);
        return done.cookies().stream()
                .filter(cookie -> cookie.startsWith(SignIn.COOKIE + "="))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no session (expected: one):\n" + done));
    }

    private static Answer callback(URI back, Answer begun) throws IOException {
        var cookies = String.join("; ", begun.cookies());
        return door.request(BrowserRequests.navigation(target(back), cookies));
    }

    private static String target(URI back) {
        return back.getRawPath() + "?" + back.getRawQuery();
    }

    private static String codeOf(URI back) {
        return back.getRawQuery().replaceFirst(".*?code=([^&]+).*", "$1");
    }

    private static Answer get(String cookie) throws IOException {
        return door.request(BrowserRequests.get("/x", cookie));
    }

    private static int closeCode(DoorClient client) throws IOException {
        client.patience(SOON);
        for (var frame = Frames.read(client.in()); ; frame = Frames.read(client.in())) {
            if (frame.opcode() == Frames.CLOSE) {
                return frame.closeCode();
            }
        }
    }
}
