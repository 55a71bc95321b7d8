package dev.portcullis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in from the command line, keeping what that gave, and giving it back. */
class LoginsTest {
    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir Path temp;
    private final List<Duration> pauses = new ArrayList<>();
    private volatile Instant now = START;
    private StandInIssuer issuer;
    private Logins logins;

    @BeforeEach
    void open() throws Exception {
        issuer = new StandInIssuer(temp);
        logins = newLogins();
    }

    private Logins newLogins() {
        return new Logins(new LoginFolder(temp.resolve("logins")), () -> now, pauses::add);
    }

    @AfterEach
    void close() {
        issuer.close();
    }

    // --- what is not believed ----------------------------------------------------------------

    @Test
    void doorThatSpeaksForAnother_isNotBelieved() {
        issuer.documents.put(
                Door.METADATA,
                StandInIssuer.doorDocument("https://other.example", issuer.origin().toString()));
        assertThatThrownBy(() -> signIn(Logins.Flow.DEVICE))
                .hasMessageContaining("speaks for another resource");
    }

    @Test
    void issuerThatCallsItselfOtherwise_isNotBelieved() {
        issuer.documents.put(
                "/.well-known/openid-configuration",
                issuer.issuerDocument("https://other.example"));
        assertThatThrownBy(() -> signIn(Logins.Flow.DEVICE))
                .hasMessageContaining("calls itself otherwise");
    }

    @Test
    void noDoor_isNamed() {
        issuer.documents.remove(Door.METADATA);
        assertThatThrownBy(() -> signIn(Logins.Flow.DEVICE)).hasMessageContaining("status 404");
        issuer.documents.put(Door.METADATA, "<html>");
        assertThatThrownBy(() -> signIn(Logins.Flow.DEVICE)).hasMessageContaining("no door");
    }

    @Test
    void certificateOfNobodyWeKnow_isRefused() {
        var wishes = new Logins.Wishes(null, null, null, List.of());
        assertThatThrownBy(() ->
                        logins.signIn(issuer.origin(), wishes, Logins.Flow.DEVICE, screen("")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void authorityFileThatIsMissing_isNamedWithWhatWasExpected() {
        var missing = temp.resolve("missing.pem");
        var wishes = new Logins.Wishes(missing, null, null, List.of());
        assertThatThrownBy(() ->
                        logins.signIn(issuer.origin(), wishes, Logins.Flow.DEVICE, screen("")))
                .hasMessage(missing + ": not found (expected: the PEM of an authority)");
    }

    @Test
    void whatGoesWrong_isSaidInPlainWords() {
        var unknown = new Logins.Wishes(null, null, null, List.of());
        assertThatThrownBy(() ->
                        logins.signIn(issuer.origin(), unknown, Logins.Flow.DEVICE, screen("")))
                .message()
                .startsWith(issuer.origin().toString())
                .doesNotContain("Exception");
        var nobody = URI.create("https://localhost:9");
        assertThatThrownBy(() -> logins.signIn(nobody, unknown, Logins.Flow.DEVICE, screen("")))
                .message()
                .startsWith(nobody.toString())
                .doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://claw.example.com", "ftp://x", "https://a@b.example", "", "::"})
    void addressThatIsNoDoors_isNone(String address) {
        assertThat(Logins.origin(address)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "claw.example.com, https://claw.example.com",
        "https://claw.example.com/chat?x=y, https://claw.example.com",
        "https://claw.example.com:443/, https://claw.example.com",
        "https://claw.example.com:8443, https://claw.example.com:8443",
    })
    void address_isReducedToItsOrigin(String address, String origin) {
        assertThat(Logins.origin(address)).isEqualTo(URI.create(origin));
    }

    // --- device flow, RFC 8628 ---------------------------------------------------------------

    @Test
    void deviceFlow_waitsAsToldUntilThePersonHasEnteredTheCode() throws Exception {
        says(
                StandInIssuer.refused("authorization_pending"),
                StandInIssuer.refused("slow_down"),
                StandInIssuer.granted("at", 300, "rt"));
        signIn(Logins.Flow.DEVICE);
        assertThat(pauses)
                .containsExactly(
                        Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10));
        assertThat(issuer.tokenRequests)
                .allSatisfy(request ->
                        assertThat(request)
                                .containsEntry("device_code", "d")
                                .containsEntry("client_id", "portcullis-cli"));
        assertThat(issuer.deviceRequests.getFirst())
                .containsEntry("code_challenge_method", "S256")
                .containsEntry(
                        "code_challenge",
                        s256(issuer.tokenRequests.getLast().get("code_verifier")));
        assertThat(logins.token(issuer.origin()).expose()).isEqualTo("at");
    }

    @Test
    void deviceFlowRefused_endsAtOnce() {
        says(StandInIssuer.refused("access_denied"));
        assertThatThrownBy(() -> signIn(Logins.Flow.DEVICE)).hasMessageContaining("access_denied");
        assertThat(pauses).hasSize(1);
    }

    @Test
    void codeThatNobodyEnters_isGivenUp() {
        says(StandInIssuer.refused("authorization_pending"));
        assertThatThrownBy(() -> signIn(Logins.Flow.DEVICE)).hasMessageContaining("in time");
        assertThat(pauses).hasSize(12); // A minute, five seconds each.
    }

    @Test
    void tokenOfAnotherKind_isRefused() {
        says(StandInIssuer.granted("at", 300, "rt").replace("Bearer", "DPoP"));
        assertThatThrownBy(() -> signIn(Logins.Flow.DEVICE)).isInstanceOf(IOException.class);
    }

    // --- code flow, RFC 8252 -----------------------------------------------------------------

    @Test
    void codeFlow_bringsTheCodeBackWithItsVerifier() throws Exception {
        says(StandInIssuer.granted("at", 300, "rt"));
        var asked = new HashMap<String, String>();
        signIn(
                Logins.Flow.BROWSER,
                address -> {
                    asked.putAll(query(address));
                    visit(asked.get("redirect_uri") + "?code=c&state=wrong" + iss(), 404);
                    return back(asked, "code=c", iss());
                });
        var request = issuer.tokenRequests.getFirst();
        assertThat(request)
                .containsEntry("code", "c")
                .containsEntry("redirect_uri", asked.get("redirect_uri"));
        assertThat(asked)
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("code_challenge", s256(request.get("code_verifier")));
        assertThat(asked.get("redirect_uri")).matches("http://127\\.0\\.0\\.1:\\d+/callback");
        assertThat(logins.token(issuer.origin()).expose()).isEqualTo("at");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&iss=https%3A%2F%2Fother.example"})
    void answerOfAnotherIssuer_isRefused(String iss) {
        says(StandInIssuer.granted("at", 300, "rt"));
        assertThatThrownBy(() ->
                        signIn(Logins.Flow.BROWSER, address -> back(query(address), "code=c", iss)))
                .hasMessageContaining("another issuer");
        assertThat(issuer.tokenRequests).isEmpty();
    }

    @Test
    void refusalOfTheIssuer_isNamed() {
        assertThatThrownBy(() ->
                        signIn(
                                Logins.Flow.BROWSER,
                                address -> back(query(address), "error=access_denied", iss())))
                .hasMessageContaining("access_denied");
    }

    // --- what is kept ------------------------------------------------------------------------

    @Test
    void login_isKeptForItsOwnerAlone() throws Exception {
        signedIn(300);
        var file = temp.resolve("logins/localhost_" + issuer.origin().getPort() + ".login");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> logins.token(issuer.origin())).hasMessageContaining("rw-r--r--");
    }

    @Test
    void manyProcessesAtTheEnd_refreshOnce() throws Exception {
        signedIn(300);
        now = now.plusSeconds(290);
        says(StandInIssuer.granted("at2", 300, "rt2"), StandInIssuer.refused("invalid_grant"));
        try (var threads = Executors.newFixedThreadPool(8)) {
            var work = new ArrayList<Callable<String>>();
            for (int i = 0; i < 8; i++) {
                work.add(() -> tokenOfAnotherProcess());
            }
            for (var token : threads.invokeAll(work)) {
                assertThat(token.get()).isEqualTo("at2");
            }
        }
        assertThat(issuer.tokenRequests)
                .filteredOn(request -> "refresh_token".equals(request.get("grant_type")))
                .singleElement()
                .satisfies(request -> assertThat(request).containsEntry("refresh_token", "rt1"));
    }

    /** Locks of files are a process's: in one, threads stand in line before them. */
    private String tokenOfAnotherProcess() throws IOException, InterruptedException {
        synchronized (LoginsTest.class) {
            return newLogins().token(issuer.origin()).expose();
        }
    }

    @Test
    void refusedRefresh_asksToSignInAgain() throws Exception {
        signedIn(300);
        now = now.plusSeconds(300);
        says(StandInIssuer.refused("invalid_grant"));
        assertThatThrownBy(() -> logins.token(issuer.origin()))
                .hasMessageContaining("invalid_grant")
                .hasMessageContaining("portcullis login " + issuer.origin());
        assertThat(logins.doors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_client", "unauthorized_client", "unsupported_grant_type"})
    void clientThatTheIssuerDoesNotTake_isForTheOperatorToMend(String code) throws Exception {
        signedIn(300);
        now = now.plusSeconds(300);
        says(StandInIssuer.refused(code));
        assertThatThrownBy(() -> logins.token(issuer.origin()))
                .hasMessageContaining(code)
                .hasMessageContaining("the operator of the door must register it")
                .hasMessageContaining("cli.client-id")
                .hasMessageNotContaining("later");
        says(StandInIssuer.granted("at2", 300, "rt2"));
        assertThat(logins.token(issuer.origin()).expose()).isEqualTo("at2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_request", "temporarily_unavailable", "x y"})
    void refusalThatIsNotAboutTheSignIn_costsNobodyTheSignIn(String code) throws Exception {
        signedIn(300);
        now = now.plusSeconds(300);
        says(StandInIssuer.refused(code));
        assertThatThrownBy(() -> logins.token(issuer.origin()))
                .hasMessageContaining(code.contains(" ") ? "unknown_error" : code)
                .hasMessageContaining("try again later");
        says(StandInIssuer.granted("at2", 300, "rt2"));
        assertThat(logins.token(issuer.origin()).expose()).isEqualTo("at2");
        assertThat(issuer.tokenRequests.getLast()).containsEntry("refresh_token", "rt1");
    }

    @Test
    void issuerInTrouble_costsNobodyTheSignIn() throws Exception {
        signedIn(300);
        now = now.plusSeconds(300);
        issuer.tokenAnswers.clear();
        assertThatThrownBy(() -> logins.token(issuer.origin())).hasMessageContaining("503");
        says(StandInIssuer.granted("at2", 300, "rt2"));
        assertThat(logins.token(issuer.origin()).expose()).isEqualTo("at2");
    }

    @Test
    void signOut_givesTheRefreshTokenBackAndForgets() throws Exception {
        signedIn(300);
        assertThat(logins.signOut(issuer.origin())).isTrue();
        assertThat(issuer.revocations)
                .singleElement()
                .satisfies(it -> assertThat(it).containsEntry("token", "rt1"));
        assertThat(logins.doors()).isEmpty();
        assertThat(logins.signOut(issuer.origin())).isFalse();
        assertThatThrownBy(() -> logins.token(issuer.origin()))
                .hasMessageContaining("not signed in");
    }

    private void signedIn(int seconds) throws Exception {
        says(StandInIssuer.granted("at1", seconds, "rt1"));
        signIn(Logins.Flow.DEVICE);
        assertThat(logins.doors()).containsExactly(issuer.origin());
    }

    private void says(String... answers) {
        synchronized (issuer.tokenAnswers) {
            issuer.tokenAnswers.clear();
            issuer.tokenAnswers.addAll(List.of(answers));
        }
    }

    private void signIn(Logins.Flow flow) throws Exception {
        signIn(flow, UnaryOperator.identity());
    }

    private void signIn(Logins.Flow flow, UnaryOperator<String> browser) throws Exception {
        var wishes = new Logins.Wishes(issuer.ca, null, null, List.of());
        logins.signIn(
                issuer.origin(),
                wishes,
                flow,
                new Screen() {
                    @Override
                    public void open(URI address) {
                        var _ = browser.apply(address.toString());
                    }

                    @Override
                    public void enter(URI address, String code, @Nullable URI complete) {
                        assertThat(code).isEqualTo("ABCD-EFGH");
                    }
                });
    }

    private static Screen screen(String ignored) {
        return new Screen() {
            @Override
            public void open(URI address) {
                throw new AssertionError(ignored);
            }

            @Override
            public void enter(URI address, String code, @Nullable URI complete) {
                throw new AssertionError(ignored);
            }
        };
    }

    private String iss() {
        return "&iss=" + URLEncoder.encode(issuer.origin().toString(), StandardCharsets.UTF_8);
    }

    private static String back(Map<String, String> asked, String what, String iss) {
        visit(asked.get("redirect_uri") + "?" + what + "&state=" + asked.get("state") + iss, 200);
        return "";
    }

    private static void visit(String address, int status) {
        try {
            var connection = (HttpURLConnection) URI.create(address).toURL().openConnection();
            assertThat(connection.getResponseCode()).isEqualTo(status);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> query(String address) {
        var query = new HashMap<String, String>();
        for (var part : URI.create(address).getRawQuery().split("&", -1)) {
            var pair = part.split("=", 2);
            query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private static String s256(String verifier) throws Exception {
        var digest = MessageDigest.getInstance("SHA-256");
        var hash = digest.digest(verifier.getBytes(StandardCharsets.US_ASCII));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    }
}
