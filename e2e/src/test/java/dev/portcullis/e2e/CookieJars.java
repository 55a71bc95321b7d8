package dev.portcullis.e2e;

import com.nimbusds.jose.JWSAlgorithm;
import dev.portcullis.demo.DevelopmentClient;
import dev.portcullis.demo.DevelopmentIdentityProvider;
import dev.portcullis.demo.DevelopmentUser;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** As many people as a test wants, each signed in at the development identity provider. */
final class CookieJars implements AutoCloseable {
    private static final Pattern REQUEST = Pattern.compile("name=\"request\" value=\"([^\"]+)\"");
    private static final Pattern ACTION = Pattern.compile("action=\"([^\"]+)\"");

    private final TestCertificates certificates;
    private final DevelopmentIdentityProvider provider;

    private CookieJars(TestCertificates certificates, DevelopmentIdentityProvider provider) {
        this.certificates = certificates;
        this.provider = provider;
    }

    /** A provider that knows that many people, all of the group {@code claw}. */
    static CookieJars start(TestCertificates certificates, int people) throws IOException {
        var users = IntStream.range(0, people).mapToObj(CookieJars::somebody).toList();
        var provider =
                DevelopmentIdentityProvider.start(
                        new DevelopmentIdentityProvider.Settings(
                                0, null, JWSAlgorithm.ES256, users, Clock.systemUTC()));
        provider.register(
                DevelopmentClient.portcullis(
                        Realm.CLIENT,
                        Realm.CLIENT_SECRET,
                        URI.create("https://" + TestCertificates.DOOR)));
        return new CookieJars(certificates, provider);
    }

    private static DevelopmentUser somebody(int number) {
        return new DevelopmentUser(
                "subject-" + number, user(number), true, "N " + number, List.of("claw"), "");
    }

    /** The name that the Gateway must see for that one. */
    static String user(int number) {
        return "user-" + number + "@example.com";
    }

    /** A sidecar's settings for these people. */
    SidecarSettings settings(int gatewayPort) {
        return new SidecarSettings(certificates, gatewayPort, provider.issuer().toString())
                .plainProvider()
                .section(
                        "rate-limits",
                        "{ address: { rate: 10000/s, burst: 100000 },"
                                + " sign-in: { rate: 10000/s, burst: 100000 } }")
                .section("allow-users", "[{ group: claw }]");
    }

    /** The navigation that comes back from the provider, for that one; not sent yet. */
    String callback(Sidecar door, int number) throws IOException {
        var begun = SignIn.begin(door);
        var there = new HttpsClient(certificates);
        var page = there.get(begun.field("location").orElseThrow()).orElseThrow();
        var action = provider.issuer().resolve(found(ACTION, page).replace("&amp;", "&"));
        var fields = Map.of("request", found(REQUEST, page), "user", "subject-" + number);
        var back =
                URI.create(
                        there.post(action.toString(), fields)
                                .orElseThrow()
                                .field("location")
                                .orElseThrow());
        return BrowserRequests.navigation(
                back.getRawPath() + "?" + back.getRawQuery(), String.join("; ", begun.cookies()));
    }

    /** The session cookie of an answer, {@code name=value}, if it sets one. */
    static Optional<String> cookie(Answer answer) {
        return answer.cookies().stream()
                .filter(cookie -> cookie.startsWith(SignIn.COOKIE + "="))
                .findFirst();
    }

    /** Signs that one in. */
    String signIn(Sidecar door, int number) throws IOException {
        var answer = door.request(callback(door, number));
        return cookie(answer).orElseThrow(() -> new AssertionError("no session:\n" + answer));
    }

    private static String found(Pattern pattern, Answer page) {
        var matcher = pattern.matcher(page.text());
        if (!matcher.find()) {
            throw new AssertionError("found no " + pattern + " in:\n" + page);
        }
        return matcher.group(1);
    }

    @Override
    public void close() {
        provider.close();
    }
}
