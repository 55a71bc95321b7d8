package dev.portcullis.e2e;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A plain client for what tests ask of Keycloak and of the admin listener; keeps cookies. */
final class HttpsClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final HttpClient client;
    private final Map<String, String> jar = new LinkedHashMap<>();

    HttpsClient(TestCertificates certificates) {
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .sslContext(certificates.trusting())
                        .connectTimeout(TIMEOUT)
                        .build();
    }

    /** Empty if nobody listens there. */
    Optional<Answer> get(String uri) throws IOException {
        return send(HttpRequest.newBuilder(URI.create(uri)).GET());
    }

    /** Posts a form. Empty if nobody listens there. */
    Optional<Answer> post(String uri, Map<String, String> form) throws IOException {
        var body =
                form.entrySet().stream()
                        .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
                        .collect(Collectors.joining("&"));
        return send(
                HttpRequest.newBuilder(URI.create(uri))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private Optional<Answer> send(HttpRequest.Builder request) throws IOException {
        if (!jar.isEmpty()) {
            request.header(
                    "Cookie",
                    jar.entrySet().stream()
                            .map(e -> e.getKey() + "=" + e.getValue())
                            .collect(Collectors.joining("; ")));
        }
        try {
            var response =
                    client.send(
                            request.timeout(TIMEOUT).build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            var answer =
                    new Answer(response.statusCode(), response.headers().map(), response.body());
            answer.cookies().forEach(this::keep);
            return Optional.of(answer);
        } catch (ConnectException nobody) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void keep(String cookie) {
        int equals = cookie.indexOf('=');
        jar.put(cookie.substring(0, equals), cookie.substring(equals + 1));
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
