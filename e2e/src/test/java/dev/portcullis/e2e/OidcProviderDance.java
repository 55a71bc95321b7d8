package dev.portcullis.e2e;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.regex.Pattern;

/** One browser's way through {@code oidc-provider}: its forms, its redirects, its cookies. */
final class OidcProviderDance {
    private static final Pattern FORM = Pattern.compile("action=\"([^\"]+)\"");
    private static final Pattern SECRET = Pattern.compile("name=\"xsrf\" value=\"([^\"]+)\"");
    private static final int STEPS_MAX = 12;

    private final String issuer;
    private final HttpsClient client;

    OidcProviderDance(TestCertificates certificates, String issuer) {
        this.issuer = issuer;
        this.client = new HttpsClient(certificates);
    }

    /** From the door to the provider and back: where the provider sends the browser. */
    URI throughSignIn(Answer begun, String user) throws IOException {
        var at = location(begun);
        var answer = client.get(at.toString()).orElseThrow();
        for (int step = 0; step < STEPS_MAX; step++) {
            if (answer.field("location").isPresent()) {
                at = at.resolve(location(answer));
                if (TestCertificates.DOOR.equals(at.getHost())) {
                    return at;
                }
                answer = client.get(at.toString()).orElseThrow();
            } else {
                var form = at.resolve(found(FORM, answer));
                var consents = answer.text().contains("value=\"consent\"");
                answer =
                        client.post(
                                        form.toString(),
                                        consents
                                                ? Map.of("prompt", "consent")
                                                : Map.of(
                                                        "prompt",
                                                        "login",
                                                        "login",
                                                        user,
                                                        "password",
                                                        "any"))
                                .orElseThrow();
            }
        }
        throw new AssertionError("still at " + at + " (expected: back at the door)");
    }

    /** Leaves the provider itself, without the door. */
    void leave() throws IOException {
        var page = client.get(issuer + "/session/end").orElseThrow();
        var confirmed =
                client.post(
                                issuer + "/session/end/confirm",
                                Map.of("xsrf", found(SECRET, page), "logout", "yes"))
                        .orElseThrow();
        if (confirmed.status() != 303) {
            throw new AssertionError("not left (expected: 303):\n" + confirmed);
        }
    }

    private static String found(Pattern pattern, Answer answer) {
        var matcher = pattern.matcher(answer.text());
        if (!matcher.find()) {
            throw new AssertionError("no " + pattern + " in\n" + answer + answer.text());
        }
        return matcher.group(1);
    }

    private static URI location(Answer answer) {
        return URI.create(
                answer.field("location")
                        .orElseThrow(() ->
                                new AssertionError("no redirect (expected: one):\n" + answer)));
    }
}
