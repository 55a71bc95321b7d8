package dev.portcullis.demo;

import com.nimbusds.oauth2.sdk.ErrorObject;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;

/**
 * One answer of the development identity provider.
 *
 * @param status HTTP status code
 * @param headers each name once
 * @param body text, sent as UTF-8
 */
public record Answer(int status, Map<String, String> headers, String body) {
    public Answer {
        headers = Map.copyOf(headers);
    }

    /** A JSON document that nobody may store. */
    public static Answer json(int status, String body) {
        return new Answer(
                status,
                Map.of("Content-Type", "application/json", "Cache-Control", "no-store"),
                body);
    }

    /** An OAuth 2.0 error, RFC 6749 §5.2. */
    static Answer error(ErrorObject error) {
        var status = error.getHTTPStatusCode() == 0 ? 400 : error.getHTTPStatusCode();
        return json(status, error.toJSONObject().toJSONString());
    }

    /** A page of {@link Pages}, with a policy that lets it load nothing. */
    static Answer page(int status, String body, String formTargets) {
        return new Answer(
                status,
                Map.of(
                        "Content-Type", "text/html; charset=utf-8",
                        "Cache-Control", "no-store",
                        "Referrer-Policy", "no-referrer",
                        "X-Content-Type-Options", "nosniff",
                        "Content-Security-Policy",
                                "default-src 'none'; style-src '%s'; form-action %s; base-uri 'none'; frame-ancestors 'none'"
                                        .formatted(Pages.STYLE_HASH, formTargets)),
                body);
    }

    /** Sends the browser on with a GET. */
    static Answer redirect(URI to) {
        return new Answer(
                303,
                Map.of(
                        "Location", to.toString(),
                        "Cache-Control", "no-store",
                        "Referrer-Policy", "no-referrer"),
                "");
    }

    /** The same with one header set or replaced. */
    public Answer withHeader(String name, String value) {
        var changed = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        changed.putAll(headers);
        changed.put(name, value);
        return new Answer(status, changed, body);
    }

    /** The same with another status. */
    public Answer withStatus(int changed) {
        return new Answer(changed, headers, body);
    }

    /** The same with another body. */
    public Answer withBody(String changed) {
        return new Answer(status, headers, changed);
    }
}
