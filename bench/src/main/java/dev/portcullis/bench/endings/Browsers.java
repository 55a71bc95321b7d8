package dev.portcullis.bench.endings;

import dev.portcullis.bench.rig.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;

/** Fifty browsers before the door, each from an address of its own. */
final class Browsers {
    private static final int CLIENTS = 50;
    private static final String COOKIE = "__Host-portcullis=";

    private final int port;
    private final People people;
    private final List<HttpClient> browsers = new ArrayList<>();
    private int next;

    /** A person signed in. */
    record SignedIn(String cookie, String sid) {}

    Browsers(int port, People people, SSLContext trust) {
        this.port = port;
        this.people = people;
        for (int i = 1; i <= CLIENTS; i++) {
            browsers.add(browser("127.0.2." + i, trust));
        }
    }

    private static HttpClient browser(String from, SSLContext trust) {
        return HttpClient.newBuilder()
                .sslContext(trust)
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.ofLiteral(from))
                .build();
    }

    /**
     * Signs a person in as a browser does.
     *
     * @param expiresIn seconds until the provider's access token ends
     */
    SignedIn signIn(String user, int expiresIn) throws IOException, InterruptedException {
        var browser = browsers.get(next++ % CLIENTS);
        var begun = go(browser, navigation("/_portcullis/sign-in?return=%2F", ""));
        var location = begun.headers().firstValue("location").orElseThrow();
        var asked = People.parameters(location.substring(location.indexOf('?') + 1));
        var code = people.code(user, Objects.requireNonNull(asked.get("nonce")), expiresIn);
        var back =
                "/_portcullis/callback?code=%s&state=%s&iss=%s"
                        .formatted(code, asked.get("state"), people.uri());
        var done = go(browser, navigation(back, cookies(begun)));
        return done.headers().allValues("set-cookie").stream()
                .filter(cookie -> cookie.startsWith(COOKIE))
                .map(cookie -> new SignedIn(cookie.split(";", 2)[0], code))
                .findFirst()
                .orElseThrow(() -> new IOException("no session: " + done + done.body()));
    }

    /** Posts a form to a path of the door; the status. */
    int post(String path, String form, String... fields) throws IOException, InterruptedException {
        var request =
                request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return go(browsers.get(next++ % CLIENTS), request.build()).statusCode();
    }

    /** One GET; the status. */
    int get(String path, String cookie) throws IOException, InterruptedException {
        var browser = browsers.get(next++ % CLIENTS);
        return go(browser, request(path).header("Cookie", cookie).build()).statusCode();
    }

    private HttpRequest navigation(String path, String cookies) {
        var request =
                request(path)
                        .header("Accept", "text/html")
                        .header("Sec-Fetch-Mode", "navigate")
                        .header("Sec-Fetch-Dest", "document");
        return (cookies.isEmpty() ? request : request.header("Cookie", cookies)).build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .header("Host", Wire.HOST); // -Djdk.httpclient.allowRestrictedHeaders=host
    }

    private static HttpResponse<String> go(HttpClient browser, HttpRequest request)
            throws IOException, InterruptedException {
        return browser.send(request, BodyHandlers.ofString());
    }

    private static String cookies(HttpResponse<?> answer) {
        return String.join(
                "; ",
                answer.headers().allValues("set-cookie").stream()
                        .map(cookie -> cookie.split(";", 2)[0])
                        .toList());
    }
}
