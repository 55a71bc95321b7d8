package dev.portcullis.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Pattern;

/** What an administrator of the realm does: signs somebody out, disables an account. */
final class KeycloakAdmin {
    static final String NAME = "bootstrap";
    static final String PASSWORD = "only-in-this-test-run";

    private static final Pattern TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");

    private final HttpClient client;
    private final String origin;

    KeycloakAdmin(RealParts parts) throws IOException {
        this.client = HttpClient.newBuilder().sslContext(parts.certificates().trusting()).build();
        this.origin = "https://localhost:" + parts.keycloak().port();
    }

    /** Ends all sessions of a person, as the button in the console does. */
    void signOut(Realm.Person person) throws IOException {
        send("POST", user(person) + "/logout", "");
    }

    /** Disables or enables an account. */
    void enable(Realm.Person person, boolean enabled) throws IOException {
        send("PUT", user(person), "{\"enabled\":" + enabled + "}");
    }

    private String user(Realm.Person person) throws IOException {
        var users = origin + "/admin/realms/" + Realm.NAME + "/users";
        return users
                + "/"
                + found(ID, send("GET", users + "?exact=true&username=" + person.user(), ""));
    }

    private String send(String method, String uri, String json) throws IOException {
        var request =
                HttpRequest.newBuilder(URI.create(uri))
                        .header("Authorization", "Bearer " + token())
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(json));
        return answer(request);
    }

    private String token() throws IOException {
        var form =
                "grant_type=password&client_id=admin-cli&username="
                        + NAME
                        + "&password="
                        + PASSWORD;
        var request =
                HttpRequest.newBuilder(
                                URI.create(origin + "/realms/master/protocol/openid-connect/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form));
        return found(TOKEN, answer(request));
    }

    private String answer(HttpRequest.Builder request) throws IOException {
        try {
            var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new AssertionError(
                        response.uri() + ": " + response.statusCode() + " " + response.body());
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String found(Pattern pattern, String text) {
        var matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return matcher.group(1);
    }
}
