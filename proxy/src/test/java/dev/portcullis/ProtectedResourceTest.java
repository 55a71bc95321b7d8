package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RFC 9728: whoever has nothing but the address learns how to come in, and nothing else. */
class ProtectedResourceTest {
    private static final String PATH = "/.well-known/oauth-protected-resource";

    @TempDir static Path folder;
    @TempDir static Path otherFolder;
    private static TestDoor door;

    @BeforeAll
    static void open() {
        door =
                TestDoor.open(
                        folder,
                        """
                        tokens:
                          - { issuer: "https://a.invalid", audience: api }
                          - { issuer: "https://b.invalid/realm", audience: api }
                        cli: { client-id: portcullis-cli, scopes: [openid, groups], issuer: "https://b.invalid/realm" }
                        """);
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @Test
    void metadata_namesIssuersAndTheCommandLinesClient() {
        assertThat(get(door, "GET", PATH, ""))
                .startsWith("HTTP/1.1 200 ")
                .contains("content-type: application/json\r\n")
                .endsWith(
                        "{\"resource\":\"https://claw.test\",\"authorization_servers\":"
                                + "[\"https://b.invalid/realm\",\"https://a.invalid\"],"
                                + "\"bearer_methods_supported\":[\"header\"],"
                                + "\"scopes_supported\":[\"openid\",\"groups\"],"
                                + "\"portcullis_cli_client_id\":\"portcullis-cli\","
                                + "\"resource_name\":\"Portcullis\"}\n");
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void otherMethodsAndPathsBelow_areNotThere() {
        assertThat(get(door, "POST", PATH, "")).startsWith("HTTP/1.1 405 ");
        assertThat(get(door, "GET", PATH + "/x", "")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void refusal_saysWhereTheMetadataIs() {
        var where =
                "www-authenticate: Bearer realm=\"portcullis\", resource_metadata="
                        + "\"https://claw.test/.well-known/oauth-protected-resource\"";
        assertThat(get(door, "GET", "/api", "")).contains(where + "\r\n");
        assertThat(get(door, "GET", "/api", "Authorization: Bearer x\r\n"))
                .contains(where + ", error=\"invalid_token\"\r\n");
    }

    @Test
    void doorThatTakesNoTokens_saysNothing() {
        try (var other = TestDoor.open(otherFolder)) {
            assertThat(get(other, "GET", PATH, "")).startsWith("HTTP/1.1 404 ");
            assertThat(get(other, "GET", "/api", "")).doesNotContain("resource_metadata");
        }
    }

    private static String get(TestDoor door, String method, String path, String fields) {
        return door.exchange(
                method
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\n"
                        + fields
                        + "\r\n");
    }
}
