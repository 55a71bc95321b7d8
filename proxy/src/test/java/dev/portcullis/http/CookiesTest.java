package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CookiesTest {
    private static final String NAME = "__Host-portcullis";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "__Host-portcullis=abc | abc",
                "a=1; __Host-portcullis=abc; b=2 | abc",
                "a=1;__Host-portcullis=abc;b=2 | abc",
                "a; =; ;;__Host-portcullis = abc | abc",
                "__Host-portcullis-sign-in=x; __Host-portcullis=abc | abc",
            })
    void ourCookieAmongOthers_isFound(String header, String value) {
        assertThat(Cookies.find(Fields.of("cookie", header), NAME))
                .isEqualTo(new Cookies.Found.One(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                ";;;;; ; ; ;",
                "=",
                "a=1",
                "__host-portcullis=abc",
                "__Host-portcullis-sign-in=abc",
                "__Host-portcullis",
                "x__Host-portcullis=abc",
                "a=__Host-portcullis=abc",
                "a=\"__Host-portcullis=abc\"",
            })
    void otherCookies_areNotOurs(String header) {
        assertThat(Cookies.find(Fields.of("cookie", header), NAME))
                .isEqualTo(new Cookies.Found.None());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "__Host-portcullis=a; __Host-portcullis=a",
                "__Host-portcullis=a; b=1; __Host-portcullis=; __Host-portcullis=c",
            })
    void ourNameRepeated_isAmbiguous(String header) {
        assertThat(Cookies.find(Fields.of("cookie", header), NAME))
                .isEqualTo(new Cookies.Found.Several());
    }

    @Test
    void ourNameInTwoFields_isAmbiguous() {
        var fields = Fields.of("cookie", NAME + "=a", "accept", "*/*", "cookie", NAME + "=a");
        assertThat(Cookies.find(fields, NAME)).isEqualTo(new Cookies.Found.Several());
    }

    @Test
    void twoHundredCookiesAnd64KiB_areReadOnce() {
        var pairs = new ArrayList<String>();
        for (int i = 0; i < 200; i++) {
            pairs.add("c" + i + "=" + "_".repeat(320));
        }
        var header = String.join("; ", pairs) + "; " + NAME + "=abc";
        assertThat(Cookies.find(Fields.of("cookie", header), NAME))
                .isEqualTo(new Cookies.Found.One("abc"));
        assertThat(Cookies.withoutOurs(header)).isEqualTo(String.join("; ", pairs));
        assertThat(Cookies.withoutOurs(";".repeat(65_536) + NAME + "=x")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "__Host-portcullis=s; a=1 | a=1",
                "a=1; __Host-portcullis=s | a=1",
                "a=1; __Host-portcullis=s; b=2 | a=1; b=2",
                "a=1;__HOST-PORTCULLIS=s;b=2 | a=1; b=2",
                "a=1; __Host-portcullis-sign-in=s; b=2 | a=1; b=2",
                "a=1; __Host-portcullis | a=1",
                "a=1; =__Host-portcullis=s | a=1",
                "a=\"x; __Host-portcullis=s; \" | a=\"x; \"",
                "b=2; a=1, __Host-portcullis=s | b=2",
            })
    void ourCookies_neverTravelUpstream(String header, String kept) {
        assertThat(Cookies.withoutOurs(header)).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"__Host-portcullis=s", " __Host-portcullis=s ", "__Host-portcullis=s; ;"})
    void nothingButOurs_leavesNothing(String header) {
        assertThat(Cookies.withoutOurs(header)).isNull();
    }

    @Test
    void nothingOfOurs_isTheSameString() {
        var header = "a=1;b=2;  __other=3; _ _Host-portcullis=4";
        assertThat(Cookies.withoutOurs(header)).isSameAs(header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "__Host-portcullis=x",
                "__host-PORTCULLIS=x; Path=/",
                "  \t__Host-portcullis=x",
                "__Host-portcullis",
                "__Host-portcullis-sign-in=; Max-Age=0",
                "__Host-portcullis-anything=1",
                "=__Host-portcullis=x",
                "a=b, __Host-portcullis=x",
            })
    void aCookieOfOurName_isSeenInSetCookie(String value) {
        assertThat(Cookies.setsOurs(value)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a=b", "", "a=b; Path=/__Host-portcullis", "__Host-port=x", "portcullis=1"})
    void anotherCookie_maySet(String value) {
        assertThat(Cookies.setsOurs(value)).isFalse();
    }

    @Test
    void aFoundValue_isNotPrinted() {
        assertThat(List.of(new Cookies.Found.One("canary")).toString()).doesNotContain("canary");
    }
}
