package dev.portcullis.login;

import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.Targets;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where a browser goes after sign-in: a path on our own origin and nothing else, whatever a link
 * said. What the gate would refuse as a request is refused here too, so no reader of URLs can be
 * led to another host.
 */
public final class ReturnTarget {
    private static final int CHARACTERS_MAX = 2048;

    private ReturnTarget() {}

    /**
     * The place to go.
     *
     * @param asked the decoded {@code return} parameter, or null
     * @param home where to go instead if that is not a path of this origin: {@code /} or the
     *     Gateway's base path
     */
    static String of(@Nullable String asked, String home) {
        if (asked == null || asked.length() > CHARACTERS_MAX) {
            return home;
        }
        var target = Targets.parse(asked);
        // A second slash would name a host; the target rules refuse it, and so does this line.
        if (target == null || asked.startsWith("//")) {
            return home;
        }
        boolean ours = OwnRoutes.owns(target.path());
        return ours && !target.path().equals(OwnRoutes.ME) ? home : asked;
    }

    /** The {@code location} that sends this request to sign in and, if it can, back again. */
    public static String signInLocation(RequestHead head) {
        boolean again = head.method() == Method.GET || head.method() == Method.HEAD;
        var target = head.target().full();
        return again && target.length() <= CHARACTERS_MAX && !target.equals("/")
                ? OwnRoutes.SIGN_IN + "?return=" + URLEncoder.encode(target, StandardCharsets.UTF_8)
                : OwnRoutes.SIGN_IN;
    }
}
