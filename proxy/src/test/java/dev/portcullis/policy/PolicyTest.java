package dev.portcullis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.AllowedUser;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.Authentication.Ambiguous;
import dev.portcullis.identity.Authentication.Rejected;
import dev.portcullis.identity.Authentication.Undecidable;
import dev.portcullis.identity.Principal.Means;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final String NAVIGATION =
            "sec-fetch-site: none|sec-fetch-mode: navigate|sec-fetch-dest: document";
    private static final String FETCH =
            "sec-fetch-site: same-origin|sec-fetch-mode: cors|sec-fetch-dest: empty";
    private static final String OURS = "origin: https://claw.example.com";

    private final Policy policy =
            new Policy(
                    new AllowList(
                            List.of(
                                    line("alice@example.com", Role.OPERATOR, null),
                                    line("victor@example.com", Role.VIEWER, null),
                                    line("late@example.com", Role.ADMIN, NOW))),
                    new PublicOrigin("claw.example.com", 443),
                    "/");
    private final Authentication alice = Requests.signedIn("alice@example.com", Means.SESSION);
    private final Authentication victor = Requests.signedIn("victor@example.com", Means.SESSION);
    private final Authentication.Authenticated mallory =
            Requests.signedIn("mallory@example.com", Means.SESSION);
    private final Authentication program = Requests.signedIn("alice@example.com", Means.TOKEN);

    // Credentials.

    @Test
    void ambiguousCredentials_get400EvenForANavigation() {
        var found = new Ambiguous(Reason.CREDENTIALS_AMBIGUOUS);
        assertThat(decide(Requests.http("GET", "/", NAVIGATION), found))
                .isEqualTo(new Decision.Deny(400, Reason.CREDENTIALS_AMBIGUOUS));
    }

    @Test
    void credentialsThatCannotBeJudged_get503AndNoChallenge() {
        var found = new Undecidable(Reason.STORE_UNAVAILABLE);
        assertThat(decide(Requests.http("GET", "/", NAVIGATION), found))
                .isEqualTo(new Decision.Deny(503, Reason.STORE_UNAVAILABLE));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, sec-fetch-mode: navigate",
        "HEAD, /chat/x, sec-fetch-mode: navigate",
        "GET, /anything, accept: text/html",
        "GET, /, sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-dest: document",
        "GET, /control-ui-config.json, sec-fetch-mode: cors",
        "HEAD, /control-ui-config.json, sec-fetch-mode: no-cors",
        "POST, /control-ui-config.json, accept: */*",
        "GET, /control-ui-config.json, sec-fetch-mode: navigate|sec-fetch-dest: iframe"
    })
    void noSession_navigationsAndTheSignInTestAreSentToSignIn(
            String method, String path, String fields) {
        var head = Requests.http(method, path, fields);
        assertThat(decide(head, Authentication.ANONYMOUS))
                .isEqualTo(new Decision.Challenge(Reason.NO_CREDENTIALS));
        assertThat(decide(head, new Rejected(Reason.SESSION_UNKNOWN)))
                .isEqualTo(new Decision.Challenge(Reason.SESSION_UNKNOWN));
        assertThat(decide(head, new Rejected(Reason.SESSION_EXPIRED)))
                .isEqualTo(new Decision.Challenge(Reason.SESSION_EXPIRED));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, sec-fetch-mode: cors|accept: text/html",
        "GET, /, sec-fetch-mode: no-cors",
        "GET, /, accept: */*",
        "GET, /, ''",
        "GET, /assets/a.js, sec-fetch-mode: no-cors",
        "POST, /, accept: text/html",
        "OPTIONS, /, sec-fetch-mode: navigate",
        "POST, /tools/invoke, sec-fetch-mode: cors",
        "GET, /control-ui-config.json/, sec-fetch-mode: cors",
        "GET, /Control-ui-config.json, sec-fetch-mode: cors",
        "GET, /readyz, ''",
        "GET, /health, user-agent: kube-probe/1.31",
        "GET, /share/x, ''"
    })
    void noSession_everyOtherFetchGets401(String method, String path, String fields) {
        var head = Requests.http(method, path, fields);
        assertThat(decide(head, Authentication.ANONYMOUS))
                .isEqualTo(new Decision.Deny(401, Reason.NO_CREDENTIALS));
        assertThat(decide(head, new Rejected(Reason.SESSION_EXPIRED)))
                .isEqualTo(new Decision.Deny(401, Reason.SESSION_EXPIRED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/control-ui-config.json", "/__openclaw__/worker", "/j/x"})
    void noSession_everyUpgradeGets401(String path) {
        var head = Requests.webSocket(path, OURS + "|accept: text/html");
        assertThat(decide(head, Authentication.ANONYMOUS))
                .isEqualTo(new Decision.Deny(401, Reason.NO_CREDENTIALS));
    }

    @ParameterizedTest
    @EnumSource(
            value = Reason.class,
            names = {"TOKEN_MALFORMED", "TOKEN_INVALID"})
    void badToken_neverIsSentToSignIn(Reason reason) {
        assertThat(decide(Requests.http("GET", "/", NAVIGATION), new Rejected(reason)))
                .isEqualTo(new Decision.Deny(401, reason));
        assertThat(
                        decide(
                                Requests.http("HEAD", "/control-ui-config.json", ""),
                                new Rejected(reason)))
                .isEqualTo(new Decision.Deny(401, reason));
    }

    // Origin and Fetch Metadata.

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "",
                "https://evil.example",
                "http://claw.example.com",
                "https://claw.example.com:443",
                "https://claw.example.com:8443",
                "https://CLAW.example.com",
                "HTTPS://claw.example.com",
                "https://claw.example.com.",
                "https://claw.example.com/",
                "https://claw.example.com.evil.example",
                "https://evil-claw.example.com",
                "https://xclaw.example.com",
                "https://claw.example.com https://evil.example",
                "https://claw.example.com, https://claw.example.com"
            })
    void foreignOrigin_gets403ForFetchUpgradeAndToken(String origin) {
        var field = "origin: " + origin;
        for (var caller : List.of(alice, program)) {
            assertForbidden(Requests.webSocket("/", field), caller, Reason.ORIGIN_NOT_ALLOWED);
            assertForbidden(Requests.http("GET", "/x", field), caller, Reason.ORIGIN_NOT_ALLOWED);
            assertForbidden(Requests.http("POST", "/x", field), caller, Reason.ORIGIN_NOT_ALLOWED);
            assertForbidden(
                    Requests.http("POST", "/x", NAVIGATION + '|' + field),
                    caller,
                    Reason.ORIGIN_NOT_ALLOWED);
        }
    }

    @Test
    void twoOrigins_get403EvenIfBothAreOurs() {
        assertForbidden(
                Requests.webSocket("/", OURS + '|' + OURS), alice, Reason.ORIGIN_NOT_ALLOWED);
    }

    @Test
    void ourOrigin_passes() {
        assertAllowed(Requests.webSocket("/", OURS), alice, Role.OPERATOR);
        assertAllowed(Requests.http("POST", "/x", OURS + '|' + FETCH), alice, Role.OPERATOR);
    }

    @Test
    void upgradeWithoutOrigin_isRefusedWithASessionAndFineWithTokenOrCertificate() {
        var head = Requests.webSocket("/", "");
        assertForbidden(head, alice, Reason.ORIGIN_NOT_ALLOWED);
        assertAllowed(head, program, Role.OPERATOR);
        assertAllowed(
                head, Requests.signedIn("alice@example.com", Means.CERTIFICATE), Role.OPERATOR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void unsafeMethodThatNoBrowserVouchesFor_isRefusedWithASession(String method) {
        var head = Requests.http(method, "/x", "accept: */*");
        assertForbidden(head, alice, Reason.ORIGIN_NOT_ALLOWED);
        assertAllowed(head, program, Role.OPERATOR);
        assertAllowed(
                head, Requests.signedIn("alice@example.com", Means.CERTIFICATE), Role.OPERATOR);
        assertAllowed(Requests.http(method, "/x", OURS), alice, Role.OPERATOR);
        assertAllowed(
                Requests.http(method, "/x", "sec-fetch-site: same-origin"), alice, Role.OPERATOR);
        assertForbidden(
                Requests.http(method, "/x", "sec-fetch-site: same-site"), alice, Reason.CROSS_SITE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS"})
    void safeMethodWithoutOrigin_passesWithASession(String method) {
        assertAllowed(Requests.http(method, "/x", "accept: */*"), alice, Role.OPERATOR);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, sec-fetch-site: cross-site|sec-fetch-mode: no-cors|sec-fetch-dest: image",
        "GET, sec-fetch-site: cross-site|sec-fetch-mode: no-cors|sec-fetch-dest: script",
        "GET, sec-fetch-site: same-site|sec-fetch-mode: cors|sec-fetch-dest: empty",
        "GET, sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-dest: iframe",
        "GET, sec-fetch-site: same-site|sec-fetch-mode: navigate|sec-fetch-dest: frame",
        "GET, sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-dest: embed",
        "GET, sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-dest: object",
        "GET, sec-fetch-site: cross-site|sec-fetch-mode: navigate",
        "GET, sec-fetch-site: cross-site",
        "POST, sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-dest: document",
        "GET, sec-fetch-site: elsewhere|sec-fetch-mode: navigate|sec-fetch-dest: document",
        "GET, sec-fetch-site: same-origin|sec-fetch-site: cross-site",
        "GET, sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-mode: cors",
        "GET, sec-fetch-site: cross-site|sec-fetch-mode: navigate"
                + "|sec-fetch-dest: document|sec-fetch-dest: iframe",
        "GET, sec-fetch-site: Same-Origin"
    })
    void requestCausedByAnotherSite_gets403(String method, String fields) {
        assertForbidden(Requests.http(method, "/x", fields), alice, Reason.CROSS_SITE);
    }

    @ParameterizedTest
    @CsvSource({
        "/x, sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-dest: document",
        "/oauth/mcp/callback, "
                + "sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-dest: document",
        "/x, sec-fetch-site: same-site|sec-fetch-mode: navigate|sec-fetch-dest: document",
        "/x, sec-fetch-site: none|sec-fetch-mode: navigate|sec-fetch-dest: document",
        "/x, sec-fetch-site: same-origin|sec-fetch-mode: navigate|sec-fetch-dest: iframe",
        "/control-ui-config.json, "
                + "sec-fetch-site: cross-site|sec-fetch-mode: navigate|sec-fetch-dest: iframe",
        "/x, sec-fetch-site: same-origin|sec-fetch-mode: cors|sec-fetch-dest: empty",
        "/x, ''"
    })
    void linkFromElsewhereAndOwnPages_pass(String path, String fields) {
        assertAllowed(Requests.http("GET", path, fields), alice, Role.OPERATOR);
    }

    @Test
    void crossSiteUpgradeWithoutOrigin_isRefusedEvenWithAToken() {
        assertForbidden(
                Requests.webSocket("/", "sec-fetch-site: cross-site|sec-fetch-mode: websocket"),
                program,
                Reason.CROSS_SITE);
    }

    // Allow-list and routes.

    @Test
    void personNotListed_gets403AndIsNamed() {
        assertThat(decide(Requests.http("GET", "/", NAVIGATION), mallory))
                .isEqualTo(new Decision.Deny(403, Reason.USER_NOT_ALLOWED, mallory.principal()));
    }

    @Test
    void grantThatEndsNow_isOver() {
        assertForbidden(
                Requests.http("GET", "/", FETCH),
                Requests.signedIn("late@example.com", Means.SESSION),
                Reason.USER_NOT_ALLOWED);
    }

    @Test
    void everyMeans_isHeldToTheSameList() {
        for (var means : EnumSet.complementOf(EnumSet.of(Means.SERVICE_TOKEN))) {
            assertForbidden(
                    Requests.http("GET", "/", ""),
                    Requests.signedIn("mallory@example.com", means),
                    Reason.USER_NOT_ALLOWED);
        }
    }

    @Test
    void closedRoute_gets403() {
        assertForbidden(
                Requests.webSocket("/__openclaw__/worker", OURS), alice, Reason.ROUTE_NOT_ALLOWED);
        assertForbidden(
                Requests.webSocket("/desktop/observe", OURS), victor, Reason.ROUTE_NOT_ALLOWED);
        assertForbidden(
                Requests.http("POST", "/api/v1/admin/rpc", OURS), alice, Reason.ROUTE_NOT_ALLOWED);
    }

    @Test
    void toolsForAViewer_areLeftToTheGateway() {
        assertAllowed(Requests.http("POST", "/tools/invoke", OURS), victor, Role.VIEWER);
    }

    // The order.

    @Test
    void everythingWrongAtOnce_credentialsThenOriginThenListThenRoute() {
        var head = Requests.webSocket("/j/x", "origin: https://evil.example");
        assertThat(status(head, Authentication.ANONYMOUS)).isEqualTo(401);
        assertForbidden(head, mallory, Reason.ORIGIN_NOT_ALLOWED);
        assertForbidden(Requests.webSocket("/j/x", OURS), mallory, Reason.USER_NOT_ALLOWED);
        assertForbidden(Requests.webSocket("/j/x", OURS), alice, Reason.ROUTE_NOT_ALLOWED);
    }

    @Test
    void whateverTheRequest_onlyAProvenAndListedCallerIsAllowed() {
        var random = new Random(20261122);
        var paths = List.of("/", "/x", "/control-ui-config.json", "/j", "/tools/invoke");
        var fields = List.of("", OURS, NAVIGATION, FETCH, OURS + '|' + FETCH, "accept: text/html");
        var methods = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
        var strangers =
                List.of(
                        Authentication.ANONYMOUS,
                        new Rejected(pick(random, List.of(Reason.values()))),
                        new Ambiguous(Reason.CREDENTIALS_AMBIGUOUS),
                        new Undecidable(Reason.TOKEN_ISSUER_UNAVAILABLE),
                        mallory,
                        Requests.signedIn("late@example.com", Means.TOKEN));
        for (int i = 0; i < 5_000; i++) {
            var head =
                    random.nextBoolean()
                            ? Requests.webSocket(pick(random, paths), pick(random, fields))
                            : Requests.http(
                                    pick(random, methods),
                                    pick(random, paths),
                                    pick(random, fields));
            assertThat(decide(head, pick(random, strangers))).isNotInstanceOf(Decision.Allow.class);
        }
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private Decision decide(RequestHead head, Authentication authentication) {
        return policy.decide(head, authentication, NOW);
    }

    private int status(RequestHead head, Authentication authentication) {
        return decide(head, authentication) instanceof Decision.Deny deny ? deny.status() : 0;
    }

    private void assertForbidden(RequestHead head, Authentication caller, Reason reason) {
        assertThat(decide(head, caller))
                .isInstanceOfSatisfying(
                        Decision.Deny.class,
                        deny -> {
                            assertThat(deny.reason()).isEqualTo(reason);
                            assertThat(deny.status()).isEqualTo(403);
                        });
    }

    private void assertAllowed(RequestHead head, Authentication caller, Role role) {
        assertThat(decide(head, caller))
                .isInstanceOfSatisfying(
                        Decision.Allow.class,
                        allow -> assertThat(allow.permit().role()).isEqualTo(role));
    }

    private static AllowedUser line(String user, Role role, @Nullable Instant until) {
        return new AllowedUser(new UserName(user), null, role, until, null);
    }
}
