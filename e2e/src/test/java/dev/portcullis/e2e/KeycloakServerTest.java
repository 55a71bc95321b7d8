package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The realm gives what the recipe in the documentation promises. */
@ExtendWith(RealParts.Provided.class)
class KeycloakServerTest {
    @Test
    void accessToken_isOfRfc9068AndForOurAudience(RealParts parts) throws IOException {
        var token = SignIn.accessToken(parts.certificates(), parts.issuer(), Realm.Person.ALICE);

        var pieces = token.split("\\.", -1);
        assertThat(decoded(pieces[0])).containsPattern("\"typ\" ?: ?\"at\\+jwt\"");
        assertThat(decoded(pieces[1]))
                .contains("\"portcullis-api\"")
                .contains("\"email\":\"alice@example.com\"")
                .contains("\"email_verified\":true")
                .contains("\"groups\":[\"sre\"]");
    }

    @Test
    void issuer_followsThePortItIsAskedOn(RealParts parts) throws IOException {
        try (var gate = TcpGate.shut(parts.keycloak().port())) {
            var client = new HttpsClient(parts.certificates());
            var discovery =
                    KeycloakServer.issuer(gate.port()) + "/.well-known/openid-configuration";
            assertThat(client.get(discovery)).isEmpty();

            gate.open();

            assertThat(client.get(discovery).orElseThrow().text())
                    .contains("\"issuer\":\"" + KeycloakServer.issuer(gate.port()) + "\"");
        }
    }

    private static String decoded(String piece) {
        return new String(Base64.getUrlDecoder().decode(piece), StandardCharsets.UTF_8);
    }
}
