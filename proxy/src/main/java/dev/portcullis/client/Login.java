package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import dev.portcullis.audit.JsonText;
import dev.portcullis.config.Secret;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a person got by signing in for one door, as it is kept.
 *
 * @param door its origin
 * @param issuer exactly as it spells itself
 * @param clientId as whom they signed in
 * @param token the issuer's token endpoint
 * @param revocation the issuer's revocation endpoint, or null
 * @param ca PEM of the one authority that is trusted, or null for the usual ones
 * @param access the access token
 * @param ends when it does
 * @param refresh the refresh token, or null
 */
record Login(
        URI door,
        String issuer,
        String clientId,
        URI token,
        @Nullable URI revocation,
        @Nullable Path ca,
        Secret access,
        Instant ends,
        @Nullable Secret refresh) {

    /** The same with new tokens; a refresh token that did not come anew stays (RFC 6749 §6). */
    Login with(Tokens.Granted granted, Instant now) {
        return new Login(
                door,
                issuer,
                clientId,
                token,
                revocation,
                ca,
                granted.access(),
                now.plus(granted.lifetime()),
                granted.refresh() == null ? refresh : granted.refresh());
    }

    String json() {
        var bytes = new ByteArrayOutputStream();
        try (var out = JsonText.generator(bytes)) {
            out.writeStartObject();
            out.writeStringProperty("door", door.toString());
            out.writeStringProperty("issuer", issuer);
            out.writeStringProperty("client_id", clientId);
            out.writeStringProperty("token_endpoint", token.toString());
            if (revocation != null) {
                out.writeStringProperty("revocation_endpoint", revocation.toString());
            }
            if (ca != null) {
                out.writeStringProperty("ca", ca.toString());
            }
            out.writeStringProperty("access_token", access.expose());
            out.writeStringProperty("ends", ends.toString());
            if (refresh != null) {
                out.writeStringProperty("refresh_token", refresh.expose());
            }
            out.writeEndObject();
        }
        return bytes.toString(StandardCharsets.UTF_8) + "\n";
    }

    /** Null for anything but what {@link #json} writes. */
    static @Nullable Login read(String json) {
        try {
            var members = JSONObjectUtils.parse(json);
            var revocation = text(members, "revocation_endpoint");
            var ca = text(members, "ca");
            var refresh = text(members, "refresh_token");
            return new Login(
                    URI.create(required(members, "door")),
                    required(members, "issuer"),
                    required(members, "client_id"),
                    URI.create(required(members, "token_endpoint")),
                    revocation == null ? null : URI.create(revocation),
                    ca == null ? null : Path.of(ca),
                    new Secret(required(members, "access_token")),
                    Instant.parse(required(members, "ends")),
                    refresh == null ? null : new Secret(refresh));
        } catch (ParseException | IllegalArgumentException | DateTimeException _) {
            return null;
        }
    }

    private static String required(Map<String, Object> members, String name) {
        var text = text(members, name);
        if (text == null) {
            throw new IllegalArgumentException(name);
        }
        return text;
    }

    private static @Nullable String text(Map<String, Object> members, String name) {
        return members.get(name) instanceof String text ? text : null;
    }
}
