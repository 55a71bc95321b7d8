package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.Cookies;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.ConnectionFacts;
import dev.portcullis.identity.ServiceTokens;
import dev.portcullis.identity.TokenAuthenticator;
import dev.portcullis.session.SessionAuthenticator;
import dev.portcullis.session.SessionCookie;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Finds the credentials on a request and has them judged. Two of session cookie, bearer token and
 * service token are ambiguous, whoever each of them names.
 */
final class Authenticator {
    private static final CompletionStage<Authentication> ANONYMOUS =
            CompletableFuture.completedStage(Authentication.ANONYMOUS);
    private static final CompletionStage<Authentication> AMBIGUOUS =
            CompletableFuture.completedStage(
                    new Authentication.Ambiguous(Reason.CREDENTIALS_AMBIGUOUS));

    private final SessionAuthenticator sessions;
    private final TokenAuthenticator tokens;
    private final ServiceTokens serviceTokens;

    Authenticator(
            SessionAuthenticator sessions, TokenAuthenticator tokens, ServiceTokens serviceTokens) {
        this.sessions = sessions;
        this.tokens = tokens;
        this.serviceTokens = serviceTokens;
    }

    /** Completed at once unless keys must be fetched or the store is elsewhere. Never fails. */
    CompletionStage<Authentication> authenticate(RequestHead head, ConnectionFacts connection) {
        var fields = head.fields();
        var cookie = SessionCookie.in(fields);
        boolean bearer = fields.has("authorization");
        if (ServiceTokens.presentIn(fields)) {
            return bearer || !(cookie instanceof Cookies.Found.None)
                    ? AMBIGUOUS
                    : CompletableFuture.completedStage(serviceTokens.authenticate(fields));
        }
        return switch (cookie) {
            case Cookies.Found.Several _ -> AMBIGUOUS;
            case Cookies.Found.One _ when bearer -> AMBIGUOUS;
            case Cookies.Found.One(var value) -> sessions.authenticate(value);
            case Cookies.Found.None _ -> bearer ? tokens.authenticate(head, connection) : ANONYMOUS;
        };
    }
}
