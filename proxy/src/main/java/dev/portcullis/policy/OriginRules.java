package dev.portcullis.policy;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.Fields;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Principal.Means;
import java.util.Optional;

/**
 * Keeps other sites from using a signed-in browser: cross-site request forgery, WebSocket
 * hijacking, framing. By {@code Origin} (RFC 6454 §7) and Fetch Metadata (W3C), both of which the
 * browser writes and a page cannot.
 *
 * <table>
 *   <caption>What is let through</caption>
 *   <tr><th>Origin</th><th>then</th></tr>
 *   <tr><td>ours, byte for byte</td><td>Fetch Metadata decides</td></tr>
 *   <tr><td>anything else, {@code null}, or two</td><td>refused</td></tr>
 *   <tr><td>none, on an upgrade with a session</td><td>refused: every browser sends it there</td></tr>
 *   <tr><td>none, with a session and a method that may change something</td><td>refused, unless
 *       {@code Sec-Fetch-Site} is there to decide: every browser sends one of the two</td></tr>
 *   <tr><td>none, otherwise</td><td>Fetch Metadata decides</td></tr>
 *   <tr><th>Sec-Fetch-Site</th><th>then</th></tr>
 *   <tr><td>none at all, {@code same-origin}, {@code none} (typed, bookmarked)</td><td>passes</td></tr>
 *   <tr><td>{@code same-site}, {@code cross-site}</td><td>passes only as a GET or HEAD that
 *       navigates the top of a window: a link, the way back from the identity provider, an OAuth
 *       callback. A frame passes only on the sign-in test, where hidden renewal ends</td></tr>
 *   <tr><td>anything else, or two</td><td>refused</td></tr>
 * </table>
 */
final class OriginRules {
    private final String publicOrigin;
    private final String signInTest;

    /**
     * @param publicOrigin as in an {@code Origin} header
     * @param signInTest the path that the Control UI's hidden frame loads
     */
    OriginRules(String publicOrigin, String signInTest) {
        this.publicOrigin = publicOrigin;
        this.signInTest = signInTest;
    }

    /** Why the request is refused; empty if these rules have nothing against it. */
    Optional<Reason> refusal(RequestHead head, Means means) {
        if (!originIsRight(head, means)) {
            return Optional.of(Reason.ORIGIN_NOT_ALLOWED);
        }
        return siteIsRight(head) ? Optional.empty() : Optional.of(Reason.CROSS_SITE);
    }

    private boolean originIsRight(RequestHead head, Means means) {
        var fields = head.fields();
        return switch (fields.count("origin")) {
            case 0 -> means != Means.SESSION || mayComeWithoutOrigin(head);
            case 1 -> publicOrigin.equals(fields.first("origin"));
            default -> false;
        };
    }

    /** A cookie travels by itself, so it says nothing about who caused the request. */
    private static boolean mayComeWithoutOrigin(RequestHead head) {
        return !head.isWebSocket()
                && (isSafe(head.method()) || head.fields().count("sec-fetch-site") > 0);
    }

    /** Safe as RFC 9110 §9.2.1 has it. */
    private static boolean isSafe(Method method) {
        return switch (method) {
            case GET, HEAD, OPTIONS -> true;
            case POST, PUT, PATCH, DELETE -> false;
        };
    }

    private boolean siteIsRight(RequestHead head) {
        var fields = head.fields();
        if (isRepeated(fields)) {
            return false;
        }
        return switch (fields.first("sec-fetch-site")) {
            case null -> true; // Not a browser, or one that is older than these fields.
            case "same-origin", "none" -> true;
            case "same-site", "cross-site" -> mayComeFromElsewhere(head);
            default -> false;
        };
    }

    private static boolean isRepeated(Fields fields) {
        return fields.count("sec-fetch-site") > 1
                || fields.count("sec-fetch-mode") > 1
                || fields.count("sec-fetch-dest") > 1;
    }

    private boolean mayComeFromElsewhere(RequestHead head) {
        boolean reads = head.method() == Method.GET || head.method() == Method.HEAD;
        if (!reads || !"navigate".equals(head.fields().first("sec-fetch-mode"))) {
            return false;
        }
        return switch (head.fields().first("sec-fetch-dest")) {
            case "document" -> true;
            case "iframe" -> head.target().path().equals(signInTest);
            case null, default -> false;
        };
    }
}
