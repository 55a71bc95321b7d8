package dev.portcullis.session;

import dev.portcullis.http.Cookies;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;

/**
 * The one cookie that proves a signed-in browser. Its prefix makes browsers insist on {@code
 * Secure}, {@code Path=/} and no {@code Domain} (RFC 6265bis §4.1.3.2), so no other host can plant
 * it.
 */
public final class SessionCookie {
    /** Its name. */
    public static final String NAME = Cookies.OURS;

    private static final String ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Lax";

    private SessionCookie() {}

    /** What the request holds under our name. */
    public static Cookies.Found in(Fields request) {
        return Cookies.find(request, NAME);
    }

    /**
     * The field that gives the cookie to the browser. It has no lifetime of its own: the server
     * knows when the session ends.
     */
    public static Field setting(SessionSecret secret) {
        return new Field("set-cookie", NAME + "=" + secret.expose() + ATTRIBUTES);
    }

    /** The field that takes it away, with the very attributes it was set with. */
    public static Field clearing() {
        return new Field("set-cookie", NAME + "=; Max-Age=0" + ATTRIBUTES);
    }
}
