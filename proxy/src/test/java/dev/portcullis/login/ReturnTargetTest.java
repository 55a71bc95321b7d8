package dev.portcullis.login;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.http.Fields;
import dev.portcullis.http.Method;
import java.net.URI;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReturnTargetTest {
    private static final URI ORIGIN = URI.create("https://claw.example.com/");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/chat",
                "/chat?session=main&x=/y",
                "/name/deep/path",
                "/control-ui-config.json",
                "/_portcullis/me",
                "/caf%C3%A9",
            })
    void aPathOfThisOrigin_isKept(String asked) {
        assertThat(ReturnTarget.of(asked, "/home")).isEqualTo(asked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "chat",
                "//evil.example",
                "///evil.example",
                "/\\evil.example",
                "\\/evil.example",
                "\\\\evil.example",
                "/\t/evil.example",
                "/\r/evil.example",
                "/\n/evil.example",
                "\t//evil.example",
                " //evil.example",
                "/%09/evil.example",
                "/%0d%0aSet-Cookie:x",
                "/%5cevil.example",
                "/%2fevil.example",
                "/%2F%2Fevil.example",
                "/..//evil.example",
                "/.//evil.example",
                "/a/../..//evil.example",
                "/x//evil.example",
                "https://evil.example",
                "https:evil.example",
                "https:/evil.example",
                "HTTPS://evil.example",
                "https://claw.example.com@evil.example",
                "https://claw.example.com.evil.example",
                "https://evilclaw.example.com",
                "https://claw.example.com/",
                "javascript:alert(1)",
                "data:text/html,x",
                "@evil.example",
                "/@evil.example/../..",
                "/\u0000evil",
                "/\u2028evil",
                "/／evil.example",
                "/。evil",
                "/chat#fragment",
                "/_portcullis",
                "/_portcullis/sign-in",
                "/_portcullis/sign-in?return=/",
                "/_portcullis/callback?code=x",
                "/_portcullis/sign-out",
                "/_portcullis/anything",
                "/a\"b",
                "/<script>",
            })
    void anythingElse_leadsHome(String asked) {
        assertThat(ReturnTarget.of(asked, "/home")).isEqualTo("/home");
    }

    @Test
    void nothingAskedOrTooMuch_leadsHome() {
        assertThat(ReturnTarget.of(null, "/")).isEqualTo("/");
        assertThat(ReturnTarget.of("/" + "a".repeat(2048), "/")).isEqualTo("/");
    }

    @Test
    void whateverIsAsked_staysOnThisOrigin() {
        var pieces =
                new String[] {
                    "/",
                    "\\",
                    "//",
                    "..",
                    ".",
                    "%2f",
                    "%5c",
                    "%09",
                    "\t",
                    "\r\n",
                    "@",
                    ":",
                    "?",
                    "#",
                    ";",
                    "evil.example",
                    "https:",
                    "claw.example.com",
                    "a",
                    "%2e",
                    " ",
                    "％"
                };
        var random = new Random(20261122);
        for (int i = 0; i < 200_000; i++) {
            var asked = new StringBuilder();
            int length = random.nextInt(8);
            for (int j = 0; j < length; j++) {
                asked.append(pieces[random.nextInt(pieces.length)]);
            }
            var target = ReturnTarget.of(asked.toString(), "/");
            var resolved = ORIGIN.resolve(target);
            assertThat(resolved.getRawAuthority()).as(target).isEqualTo("claw.example.com");
            assertThat(target).startsWith("/").doesNotContain("\\", "\t", "\r", "\n", "#", ";a/");
            assertThat(target.length() > 1 && target.charAt(1) == '/').as(target).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/,/_portcullis/sign-in",
        "GET,/chat?a=b&c=d,/_portcullis/sign-in?return=%2Fchat%3Fa%3Db%26c%3Dd",
        "HEAD,/control-ui-config.json,/_portcullis/sign-in?return=%2Fcontrol-ui-config.json",
        "POST,/chat,/_portcullis/sign-in",
    })
    void theWayToSignIn_leadsBackWhereThatIsSafe(Method method, String path, String location) {
        var head = SignInScene.head(method, path, Fields.NONE);
        assertThat(ReturnTarget.signInLocation(head)).isEqualTo(location);
    }
}
