package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a door says of itself to those who have nothing but its address (RFC 9728).
 *
 * @param origin its address, without a path
 * @param issuer where people sign in for it
 * @param clientId as whom; null if it does not say
 * @param scopes what to ask for
 */
record Door(URI origin, String issuer, @Nullable String clientId, List<String> scopes) {
    static final String METADATA = "/.well-known/oauth-protected-resource";

    /** Beside the members of RFC 9728: the public client that our commands are. */
    static final String CLIENT_ID = "portcullis_cli_client_id";

    /** Asks the door. */
    static Door discover(WebCalls web, URI origin) throws IOException {
        var document = object(origin, web.document(origin.resolve(METADATA)));
        // RFC 9728 §3.3: whoever says otherwise speaks for somebody else.
        if (!origin.toString().equals(document.get("resource"))) {
            throw new IOException(
                    origin + ": speaks for another resource (expected: for " + origin + ")");
        }
        var issuers = texts(document, "authorization_servers");
        if (issuers.isEmpty()) {
            throw new IOException(origin + ": takes no tokens (expected: an issuer)");
        }
        return new Door(
                origin,
                issuers.getFirst(),
                document.get(CLIENT_ID) instanceof String id ? id : null,
                texts(document, "scopes_supported"));
    }

    private static Map<String, Object> object(URI origin, String document) throws IOException {
        try {
            return JSONObjectUtils.parse(document);
        } catch (ParseException _) {
            throw new IOException(origin + ": is no door of this kind (expected: its metadata)");
        }
    }

    private static List<String> texts(Map<String, Object> document, String name) {
        return document.get(name) instanceof List<?> list
                ? list.stream().filter(Objects::nonNull).map(Object::toString).toList()
                : List.of();
    }
}
