package dev.portcullis.e2e;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Signs somebody in through the door and Keycloak the way a browser does, without one. */
final class SignIn {
    /** The session's cookie. */
    static final String COOKIE = "__Host-portcullis";

    private static final int REDIRECTS_MAX = 5;
    private static final Pattern FORM = Pattern.compile("action=\"([^\"]+)\"");

    private static final Pattern TOKEN =
            Pattern.compile("\"(access_token|id_token|refresh_token)\":\"([^\"]+)\"");

    private SignIn() {}

    /**
     * The whole dance.
     *
     * @return the session cookie, {@code name=value}
     */
    static String cookie(TestCertificates certificates, Sidecar door, Realm.Person person)
            throws IOException {
        var finished = finish(certificates, door, person);
        return finished.cookies().stream()
                .filter(cookie -> cookie.startsWith(COOKIE + "="))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no session (expected: one):\n" + finished));
    }

    /** The whole dance; what the callback answers. */
    static Answer finish(TestCertificates certificates, Sidecar door, Realm.Person person)
            throws IOException {
        var begun = begin(door);
        var provider = new HttpsClient(certificates);
        var form = form(provider, location(begun));
        var matcher = FORM.matcher(form.text());
        if (!matcher.find()) {
            throw new AssertionError("no sign-in form (expected: Keycloak's):\n" + form);
        }
        var action = matcher.group(1).replace("&amp;", "&");
        var fields = Map.of("username", person.user(), "password", person.password());
        var back = location(provider.post(action, fields).orElseThrow());
        var target = back.getRawPath() + "?" + back.getRawQuery();
        var cookies = String.join("; ", begun.cookies());
        return door.request(BrowserRequests.navigation(target, cookies));
    }

    /** A pushed request leads to the form by a redirect, one in the browser's hands does not. */
    private static Answer form(HttpsClient provider, URI at) throws IOException {
        var page = provider.get(at.toString()).orElseThrow();
        for (int step = 0; step < REDIRECTS_MAX && page.field("location").isPresent(); step++) {
            page = provider.get(at.resolve(location(page)).toString()).orElseThrow();
        }
        return page;
    }

    /** The navigation that starts it. */
    static Answer begin(Sidecar door) throws IOException {
        return door.request(BrowserRequests.navigation("/_portcullis/sign-in?return=%2F", "a=b"));
    }

    /** An access token for the programs' audience, straight from Keycloak. */
    static String accessToken(TestCertificates certificates, String issuer, Realm.Person person)
            throws IOException {
        var tokens = tokens(certificates, issuer, Realm.PROGRAM_CLIENT, person);
        return Objects.requireNonNull(tokens.get("access_token"), "no access token");
    }

    /** All tokens that client gets for a person, by the names they have in Keycloak's answer. */
    static Map<String, String> tokens(
            TestCertificates certificates, String issuer, String client, Realm.Person person)
            throws IOException {
        var form =
                Map.of(
                        "grant_type",
                        "password",
                        "scope",
                        "openid",
                        "client_id",
                        client,
                        "username",
                        person.user(),
                        "password",
                        person.password());
        var answer =
                new HttpsClient(certificates)
                        .post(issuer + "/protocol/openid-connect/token", form)
                        .orElseThrow();
        return TOKEN.matcher(answer.text())
                .results()
                .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2)));
    }

    private static URI location(Answer answer) {
        return URI.create(answer.field("location").orElseThrow(() -> noRedirect(answer)));
    }

    private static AssertionError noRedirect(Answer answer) {
        return new AssertionError("no redirect (expected: one):\n" + answer);
    }
}
