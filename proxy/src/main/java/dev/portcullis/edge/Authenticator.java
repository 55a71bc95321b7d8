package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.Cookies;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.ClientCertificates;
import dev.portcullis.identity.ConnectionFacts;
import dev.portcullis.identity.Principal;
import dev.portcullis.identity.ServiceTokens;
import dev.portcullis.identity.TokenAuthenticator;
import dev.portcullis.session.SessionAuthenticator;
import dev.portcullis.session.SessionCookie;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Finds the credentials on a request and has them judged. Two of session cookie, bearer token and
 * service token are ambiguous, whoever each of them names; a client certificate stands beside any
 * of them, or alone.
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
    private final ClientCertificates certificates;

    Authenticator(
            SessionAuthenticator sessions,
            TokenAuthenticator tokens,
            ServiceTokens serviceTokens,
            ClientCertificates certificates) {
        this.sessions = sessions;
        this.tokens = tokens;
        this.serviceTokens = serviceTokens;
        this.certificates = certificates;
    }

    /**
     * Why the connection may ask for nothing at all, our own pages included; null if it may: where
     * client certificates are required.
     */
    @Nullable Reason refusal(ConnectionFacts connection) {
        return certificates.refusal(connection);
    }

    /** Completed at once unless keys must be fetched or the store is elsewhere. Never fails. */
    CompletionStage<Authentication> authenticate(RequestHead head, ConnectionFacts connection) {
        var proven = proven(head, connection);
        return certificates.areAskedFor()
                ? proven.thenApply(it -> certificates.beside(it, connection))
                : proven;
    }

    /** What a principal that was proven before is worth now, by the certificate it stands on. */
    Authentication again(Principal principal, ConnectionFacts connection) {
        return certificates.again(principal, connection);
    }

    private CompletionStage<Authentication> proven(RequestHead head, ConnectionFacts connection) {
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
