package dev.portcullis.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.http.Cookies;
import dev.portcullis.http.Fields;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionSecretTest {
    @Test
    void aRandomOne_isParsedAgainAndNeverPrinted() {
        var seen = new HashSet<String>();
        for (int i = 0; i < 100; i++) {
            var secret = SessionSecret.random();
            assertThat(seen.add(secret.expose())).isTrue();
            assertThat(secret.expose()).hasSize(43);
            assertThat(SessionSecret.parse(secret.expose()).orElseThrow().key())
                    .isEqualTo(secret.key());
            assertThat(secret.key()).hasSize(43).isNotEqualTo(secret.expose());
            assertThat(secret).hasToString("(secret)");
        }
    }

    @Test
    void theKey_isTheHashOfTheValue() {
        var secret = SessionSecret.parse("A".repeat(43)).orElseThrow();
        // printf 'A%.0s' {1..43} | openssl dgst -sha256 -binary | basenc --base64url
        assertThat(secret.key()).isEqualTo("DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAA+AAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAA",
                "AAAAAAAAAAAAAAAAAAAAAéAAAAAAAAAAAAAAAAAAAAA",
            })
    void whatCannotBeASecret_isRefused(String sent) {
        assertThat(SessionSecret.parse(sent)).isEmpty();
    }

    @Test
    void theCookie_isSetAndClearedWithTheSameAttributes() {
        var secret = SessionSecret.random();
        assertThat(SessionCookie.setting(secret).value())
                .isEqualTo(
                        "__Host-portcullis="
                                + secret.expose()
                                + "; Path=/; Secure; HttpOnly; SameSite=Lax");
        assertThat(SessionCookie.clearing().value())
                .isEqualTo("__Host-portcullis=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
        assertThat(SessionCookie.in(Fields.of("cookie", "__Host-portcullis=x")))
                .isEqualTo(new Cookies.Found.One("x"));
    }
}
