package dev.portcullis.bench.rig;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Collectors;

/** Signs the user in at Portcullis as a browser does, and keeps the session's cookie. */
public final class SignIn {
    private static final String COOKIE = "__Host-portcullis=";

    private SignIn() {}

    /** A session, as the field that a request carries, with its line end. */
    public static String cookie(Rig rig, Subject door) throws IOException, InterruptedException {
        try (var client = HttpClient.newBuilder().sslContext(rig.trust()).build()) {
            var begun = go(client, door, "/_portcullis/sign-in?return=%2F", "");
            var asked = location(begun);
            var sentBack = client.send(request(asked), HttpResponse.BodyHandlers.ofString());
            var back = location(sentBack);
            var path = back.getRawPath() + "?" + back.getRawQuery();
            var done = go(client, door, path, cookies(begun));
            return done.headers().allValues("set-cookie").stream()
                    .filter(cookie -> cookie.startsWith(COOKIE))
                    .map(cookie -> "Cookie: " + cookie.split(";", 2)[0] + "\r\n")
                    .findFirst()
                    .orElseThrow(() -> new IOException("no session: " + done + done.body()));
        }
    }

    private static HttpRequest request(URI uri) {
        return HttpRequest.newBuilder(uri).build();
    }

    private static HttpResponse<String> go(
            HttpClient client, Subject door, String target, String cookies)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "https://127.0.0.1:" + door.address().getPort() + target))
                        .version(HttpClient.Version.HTTP_1_1)
                        // Allowed by -Djdk.httpclient.allowRestrictedHeaders=host
                        .header("Host", Wire.HOST)
                        .header("Accept", "text/html")
                        .header("Sec-Fetch-Mode", "navigate")
                        .header("Sec-Fetch-Dest", "document");
        if (!cookies.isEmpty()) {
            request.header("Cookie", cookies);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String cookies(HttpResponse<?> answer) {
        return answer.headers().allValues("set-cookie").stream()
                .map(cookie -> cookie.split(";", 2)[0])
                .collect(Collectors.joining("; "));
    }

    private static URI location(HttpResponse<?> answer) throws IOException {
        return URI.create(
                answer.headers()
                        .firstValue("location")
                        .orElseThrow(() -> new IOException("no redirect: " + answer)));
    }
}
