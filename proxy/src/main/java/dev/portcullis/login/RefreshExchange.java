package dev.portcullis.login;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import dev.portcullis.config.Secret;
import dev.portcullis.identity.UnverifiedJwt;
import dev.portcullis.identity.Verification;
import dev.portcullis.session.Session;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Asks the provider once more about somebody who signed in (RFC 6749 §6), and judges what it says
 * (OpenID Connect Core 1.0 §12.2). Blocks.
 */
record RefreshExchange(Provider provider) {
    /** How one request for new tokens ended. */
    sealed interface Asked {
        /** With tokens. What they say is still to be judged. */
        record Granted(GrantedTokens tokens) implements Asked {}

        /** With a no that is meant: the person is out. */
        record Refused(String why) implements Asked {}

        /** With nothing that says anything about the person. */
        record Trouble(String why) implements Asked {}
    }

    /** What new tokens say. */
    sealed interface Said {
        /** Who it is now. */
        record User(ClaimedUser user) implements Said {}

        /** Nothing new, or nothing that can be judged at the moment. */
        record Nothing() implements Said {}

        /** Something that no session can stand on. */
        record Wrong(String why) implements Said {}
    }

    /** Sends a refresh token. With rotation it is used up, whatever comes back. */
    Asked ask(Secret refresh, Instant now) {
        var metadata = provider.metadata();
        if (metadata == null) {
            return new Asked.Trouble(provider.status().line());
        }
        try {
            return granted(
                    provider.post(metadata.tokenEndpoint(), GrantedTokens.request(refresh), now));
        } catch (IOException failure) {
            return new Asked.Trouble("token endpoint: " + failure.getMessage());
        }
    }

    private static Asked granted(HTTPResponse answer) {
        if (answer.getStatusCode() != HTTPResponse.SC_OK) {
            // Whatever else is wrong is wrong with us or with the provider, not with the person.
            var why = "token endpoint: " + TokenAnswers.refusal(answer);
            return answer.getStatusCode() == HTTPResponse.SC_BAD_REQUEST
                            && "invalid_grant".equals(TokenAnswers.errorCode(answer))
                    ? new Asked.Refused(why)
                    : new Asked.Trouble(why);
        }
        try {
            return new Asked.Granted(GrantedTokens.of(answer));
        } catch (ParseException malformed) {
            return new Asked.Trouble("token endpoint: answer is malformed");
        }
    }

    /** Judges what came with the tokens. */
    Said judge(Session session, GrantedTokens tokens, Instant now) {
        var metadata = provider.metadata();
        var idToken = tokens.idToken();
        if (idToken == null || metadata == null) {
            return new Said.Nothing(); // Optional here, §12.2.
        }
        if (!(UnverifiedJwt.parse(idToken) instanceof UnverifiedJwt.Wellformed(var token))) {
            return new Said.Wrong("id_token is malformed");
        }
        return switch (provider.verify(token)) {
            case Verification.Unavailable() -> new Said.Nothing();
            case Verification.Refused(var flaw) -> new Said.Wrong("id_token: " + flaw.code());
            case Verification.Verified(var verified) -> {
                var config = provider.config();
                var flaw =
                        new IdTokenCheck(
                                        config.issuer().toString(),
                                        config.clientId(),
                                        metadata.algorithms())
                                .flawInRefreshed(
                                        verified,
                                        session.subject(),
                                        nonceOf(session.idToken()),
                                        tokens.access().expose(),
                                        now);
                yield flaw == null
                        ? user(ClaimedUser.of(verified.claims(), config))
                        : new Said.Wrong("id_token: " + flaw);
            }
        };
    }

    private static Said user(ClaimedUser.Result result) {
        return switch (result) {
            case ClaimedUser.Result.Known(var user) -> new Said.User(user);
            case ClaimedUser.Result.Refused(_, _, var why) -> new Said.Wrong(why);
        };
    }

    /** From the token of the sign-in, which was verified then. */
    private static @Nullable String nonceOf(@Nullable String idToken) {
        return idToken != null
                        && UnverifiedJwt.parse(idToken) instanceof UnverifiedJwt.Wellformed(var it)
                ? it.claims().text("nonce")
                : null;
    }
}
