package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tokens of a Keycloak client that nobody told of RFC 9068: all of them are typed {@code JWT},
 * and what each is for stands in the payload.
 */
@ExtendWith(RealParts.Provided.class)
class StockKeycloakTokensTest {
    @Test
    void allThree_areTypedAlike(RealParts parts) throws IOException {
        var tokens = tokens(parts);
        assertThat(tokens).containsOnlyKeys("access_token", "id_token", "refresh_token");
        for (var token : tokens.values()) {
            assertThat(decoded(token, 0)).containsPattern("\"typ\" ?: ?\"JWT\"");
        }
        assertThat(decoded(tokens.get("access_token"), 1)).contains("\"typ\":\"Bearer\"");
        assertThat(decoded(tokens.get("id_token"), 1)).contains("\"typ\":\"ID\"");
        assertThat(decoded(tokens.get("refresh_token"), 1)).contains("\"typ\":\"Refresh\"");
    }

    @Test
    void typeJwt_takesTheAccessTokenOnly(RealParts parts) throws IOException {
        try (var door = RecordedDoor.start(parts, "{}", "jwt")) {
            var tokens = tokens(parts);
            var good = ask(door, tokens.get("access_token"));
            assertThat(good.answer().status()).isEqualTo(200);
            assertThat(good.heads())
                    .singleElement()
                    .asString()
                    .contains(SidecarSettings.USER_HEADER + ": alice@example.com\r\n");
            refused(door, tokens.get("id_token"));
            refused(door, tokens.get("refresh_token"));
        }
    }

    @Test
    void typeAtJwt_takesNone(RealParts parts) throws IOException {
        try (var door = RecordedDoor.start(parts)) {
            var told = SignIn.accessToken(parts.certificates(), parts.issuer(), Realm.Person.ALICE);
            assertThat(ask(door, told).answer().status()).as("of RFC 9068").isEqualTo(200);
            for (var token : tokens(parts).values()) {
                refused(door, token);
            }
        }
    }

    private static void refused(RecordedDoor door, String token) throws IOException {
        var outcome = ask(door, token);
        assertThat(outcome.answer().status()).as(decoded(token, 1)).isEqualTo(401);
        assertThat(outcome.heads()).isEmpty();
    }

    private static RecordedDoor.Outcome ask(RecordedDoor door, String token) throws IOException {
        return door.send(
                "GET /x HTTP/1.1\r\nHost: "
                        + TestCertificates.DOOR
                        + "\r\nAuthorization: Bearer "
                        + token
                        + "\r\n\r\n");
    }

    private static Map<String, String> tokens(RealParts parts) throws IOException {
        return SignIn.tokens(
                parts.certificates(),
                parts.issuer(),
                Realm.STOCK_PROGRAM_CLIENT,
                Realm.Person.ALICE);
    }

    private static String decoded(String token, int part) {
        var bytes = Base64.getUrlDecoder().decode(token.split("\\.", -1)[part]);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
