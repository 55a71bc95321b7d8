package dev.portcullis.login;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.token.Tokens;
import dev.portcullis.config.Secret;
import dev.portcullis.session.Session;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a token endpoint handed out (RFC 6749 §5.1), as far as we keep or check it.
 *
 * @param idToken as it came, before any parser repaired it; or null
 * @param access good for nothing here but its hash in the ID token
 * @param refresh the next refresh token, or null if there is none
 * @param accessFor how long the access token is good for
 * @param refreshFor how long the refresh token is, where the provider says so; or null
 */
record GrantedTokens(
        @Nullable String idToken,
        Secret access,
        @Nullable Secret refresh,
        Duration accessFor,
        @Nullable Duration refreshFor) {

    /** Where the provider does not say: short enough for any. */
    private static final Duration USUAL = Duration.ofMinutes(5);

    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration LEAD_MAX = Duration.ofSeconds(60);
    private static final int LEAD_PART = 5;

    /**
     * Reads an answer of status 200.
     *
     * @throws ParseException if it is none
     */
    static GrantedTokens of(HTTPResponse answer) throws ParseException {
        Tokens tokens = TokenResponse.parse(answer).toSuccessResponse().getTokens();
        var content = answer.getBodyAsJSONObject();
        var refresh = tokens.getRefreshToken();
        var access = duration(content.get("expires_in"));
        return new GrantedTokens(
                content.get("id_token") instanceof String idToken ? idToken : null,
                new Secret(tokens.getAccessToken().getValue()),
                refresh == null ? null : new Secret(refresh.getValue()),
                access == null ? USUAL : access,
                duration(content.get("refresh_expires_in"))); // Keycloak's.
    }

    private static @Nullable Duration duration(@Nullable Object seconds) {
        if (!(seconds instanceof Number number) || number.longValue() <= 0) {
            return null;
        }
        return number.longValue() > LONGEST.toSeconds()
                ? LONGEST
                : Duration.ofSeconds(number.longValue());
    }

    /** What a session keeps of it; null if there is nothing to refresh with. */
    Session.@Nullable Refresh kept(Instant now, @Nullable Secret before) {
        var token = refresh == null ? before : refresh; // None: the old one stays good (§6).
        return token == null ? null : new Session.Refresh(token, now.plus(ahead()), accessEnd(now));
    }

    private Instant accessEnd(Instant now) {
        return now.plus(accessFor);
    }

    /** Ahead of the end of either, by a fifth of its life and a minute at most. */
    private Duration ahead() {
        var life =
                refreshFor != null && refreshFor.compareTo(accessFor) < 0 ? refreshFor : accessFor;
        var lead = life.dividedBy(LEAD_PART);
        return life.minus(lead.compareTo(LEAD_MAX) < 0 ? lead : LEAD_MAX);
    }

    /** None of the tokens. */
    @Override
    public String toString() {
        return "GrantedTokens[" + accessFor + "]";
    }

    /** The form that asks for the next ones. */
    static Map<String, java.util.List<String>> request(Secret refresh) {
        return Map.of(
                "grant_type",
                java.util.List.of("refresh_token"),
                "refresh_token",
                java.util.List.of(refresh.expose()));
    }
}
