package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a role may do, as the real Gateway judges the scopes we write. */
@ExtendWith(RealParts.Provided.class)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = RealParts.GATEWAY, mode = ResourceAccessMode.READ)
class ScopesAtTheGatewayTest {
    private static final String CALL = "{\"tool\":\"sessions_list\",\"args\":{}}";

    private static Sidecar door;
    private static RealParts real;

    @BeforeAll
    static void start(RealParts parts) throws IOException {
        real = parts;
        door = GatewayDoor.start(parts);
    }

    @AfterAll
    static void stop() {
        door.close();
    }

    @Test
    void operator_mayInvokeATool() throws IOException {
        var answer = invoke(cookie(Realm.Person.ALICE), "");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.text()).contains("\"ok\":true");
    }

    @Test
    void viewer_getsTheGatewaysRefusal() throws IOException {
        var answer = invoke(cookie(Realm.Person.BOB), "");

        assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
        assertThat(answer.text()).contains("MISSING_SCOPE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-OpenClaw-Scopes: operator.admin\r\n",
                "x_openclaw_scopes: operator.write\r\n",
                "Connection: X-OpenClaw-Scopes\r\n"
            })
    void viewerWithForgedScopes_getsTheRefusalAllTheSame(String forged) throws IOException {
        assertThat(invoke(cookie(Realm.Person.BOB), forged).status()).isIn(400, 403);
    }

    @Test
    void programWithAToken_hasItsUsersRole() throws IOException {
        assertThat(invoke(token(Realm.Person.ALICE), "").status()).isEqualTo(200);
        assertThat(invoke(token(Realm.Person.BOB), "").status()).isEqualTo(403);
    }

    private static String token(Realm.Person person) throws IOException {
        var token = SignIn.accessToken(real.certificates(), real.issuer(), person);
        return "Authorization: Bearer " + token + "\r\n";
    }

    private static String cookie(Realm.Person person) throws IOException {
        var cookie = SignIn.cookie(real.certificates(), door, person);
        return "Cookie: " + cookie + "\r\nOrigin: https://" + TestCertificates.DOOR + "\r\n";
    }

    private static Answer invoke(String credential, String more) throws IOException {
        try (var client = door.connect()) {
            return client.send(
                            "POST /tools/invoke HTTP/1.1\r\nHost: "
                                    + TestCertificates.DOOR
                                    + "\r\n"
                                    + credential
                                    + more
                                    + "Content-Type: application/json\r\nContent-Length: "
                                    + CALL.length()
                                    + "\r\n\r\n"
                                    + CALL)
                    .answer();
        }
    }
}
