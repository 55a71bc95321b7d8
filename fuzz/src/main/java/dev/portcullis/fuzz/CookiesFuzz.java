package dev.portcullis.fuzz;

import dev.portcullis.http.Cookies;
import dev.portcullis.http.Fields;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Cookies: ours never travels, whatever stands around it. */
public final class CookiesFuzz {
    private CookiesFuzz() {}

    /** One input, as the value of a {@code cookie} field. */
    public static void fuzzerTestOneInput(byte[] input) {
        var header = new String(input, StandardCharsets.ISO_8859_1);
        var left = Cookies.withoutOurs(header);
        if (left != null) {
            var folded = left.toLowerCase(Locale.ROOT);
            Finding.unless(!folded.contains("__host-portcullis"), "our cookie travels");
            Finding.unlessEqual(
                    left, String.valueOf(Cookies.withoutOurs(left)), "not the same twice");
            var found = Cookies.find(Fields.of("cookie", left), Cookies.OURS);
            Finding.unless(found instanceof Cookies.Found.None, "our cookie is found in the rest");
        }
        var found = Cookies.find(Fields.of("cookie", header), Cookies.OURS);
        Finding.unless(
                found instanceof Cookies.Found.None || !header.equals(left),
                "a cookie that is ours stays");
        Finding.unless(
                !(found instanceof Cookies.Found.One(var value)) || value.equals(value.strip()),
                "blanks around a value");
    }
}
