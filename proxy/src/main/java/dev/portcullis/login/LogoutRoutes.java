package dev.portcullis.login;

import dev.portcullis.audit.AuditEvent.Kind;
import dev.portcullis.audit.AuditEvent.Verdict;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.RequestHead;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionSecret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the provider tells us that somebody left there: by a call of its own (OpenID Connect
 * Back-Channel Logout 1.0), or in a frame of the page on which he leaves (Front-Channel Logout
 * 1.0). No cookie is needed for either, and none proves anything. Blocks.
 */
final class LogoutRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(LogoutRoutes.class);
    private static final Fields NO_STORE = Fields.of("cache-control", "no-store");
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final int SESSION_CHARACTERS_MAX = 255;

    /** Longer than ending takes; matters only if this process dies with it. */
    private static final Duration LEASE = Duration.ofMinutes(1);

    private final Door door;
    private final Provider provider;

    LogoutRoutes(Door door, Provider provider) {
        this.door = door;
        this.provider = provider;
    }

    /** Scope under which the provider's ended sessions are remembered for a while. */
    static String endedSessions(String issuer) {
        return "ended:" + issuer;
    }

    /** 200 when it is done, 400 for anything else (§2.8); never a page. */
    LocalResponse backChannel(RequestHead head, byte[] body, ClientInfo client)
            throws InterruptedException {
        var form = Parameters.parse(new String(body, StandardCharsets.UTF_8));
        if (form.isEmpty() || !isForm(head)) {
            return refused("not one clear form", head, client);
        }
        return switch (LogoutToken.read(
                form.get().get("logout_token"), provider, door.clock().instant())) {
            case LogoutToken.Read.Wrong(var why) -> refused(why, head, client);
            case LogoutToken.Read.Right(var token) -> told(token, head, client);
        };
    }

    private LocalResponse told(LogoutToken token, RequestHead head, ClientInfo client) {
        try {
            if (!endOnce(token)) {
                return refused("jti was used before", head, client);
            }
        } catch (StoreUnavailableException away) {
            return refused("the session store is out of reach", head, client);
        }
        write(Verdict.DONE, Reason.BACK_CHANNEL_LOGOUT, head, client, 200);
        return LocalResponse.empty(200, NO_STORE);
    }

    /**
     * Does what the token says, unless it was done. The token is used up only once it is done, so
     * that the provider may send it again if it failed half-way; a lease keeps out the same token
     * sent meanwhile.
     */
    private boolean endOnce(LogoutToken token) {
        var now = door.clock().instant();
        var scope = "logout:" + issuer();
        var lease = scope + ":" + token.id();
        var holder = SessionSecret.random().expose();
        var sessions = door.sessions();
        if (!StoreUnavailableException.await(
                sessions.tryLease(lease, holder, now, now.plus(LEASE)))) {
            return false;
        }
        try {
            if (StoreUnavailableException.await(sessions.isRevoked(scope, token.id(), now))) {
                return false;
            }
            end(token);
            StoreUnavailableException.await(
                    sessions.revoke(scope, token.id(), now, token.endsAt()));
            return true;
        } finally {
            // One that is not let go of ends by itself.
            var _ = sessions.release(lease, holder);
        }
    }

    private void end(LogoutToken token) {
        var session = token.session();
        var subject = token.subject();
        if (session != null) {
            try {
                remember(session);
            } finally { // Whoever is here goes, whether or not it can be remembered.
                end(
                        sessionsOf(session).stream()
                                .filter(ours -> subject == null || subject.equals(ours.subject()))
                                .toList());
            }
        } else if (subject != null) {
            end(StoreUnavailableException.await(door.sessions().bySubject(issuer(), subject)));
        }
    }

    private void end(List<Session> sessions) {
        for (var session : sessions) {
            var _ =
                    StoreUnavailableException.await(
                            door.ender().end(session.reference(), Reason.BACK_CHANNEL_LOGOUT));
        }
    }

    /** A sign-in that is just coming back from there does not stand on it either. */
    private void remember(String providerSession) {
        var now = door.clock().instant();
        StoreUnavailableException.await(
                door.sessions()
                        .revoke(
                                endedSessions(issuer()),
                                providerSession,
                                now,
                                now.plus(provider.signInTime())));
    }

    private List<Session> sessionsOf(String providerSession) {
        return StoreUnavailableException.await(
                door.sessions().byProviderSession(issuer(), providerSession));
    }

    /** A next to empty page that only the provider may frame; the same for a session not known. */
    LocalResponse frontChannel(RequestHead head, ClientInfo client) {
        var query = Parameters.parse(head.target().query());
        var session = query.map(parameters -> parameters.get("sid")).orElse("");
        boolean right =
                query.isPresent()
                        && issuer().equals(query.get().get("iss"))
                        && session != null
                        && !session.isEmpty()
                        && session.length() <= SESSION_CHARACTERS_MAX;
        if (!right) {
            write(Verdict.DENY, Reason.LOGOUT_REFUSED, head, client, 400);
            return door.pages().error(PageKind.BAD_REQUEST, head, client.requestId());
        }
        // Anybody can send this: it ends what is there, and leaves nothing behind in the store.
        for (var ours : sessionsOf(Objects.requireNonNull(session))) {
            var _ =
                    StoreUnavailableException.await(
                            door.ender().end(ours.reference(), Reason.FRONT_CHANNEL_LOGOUT));
        }
        write(Verdict.DONE, Reason.FRONT_CHANNEL_LOGOUT, head, client, 200);
        return door.pages().signedOutInFrame();
    }

    private String issuer() {
        return provider.config().issuer().toString();
    }

    private static boolean isForm(RequestHead head) {
        var types = head.fields().all("content-type");
        return types.size() == 1
                && types.getFirst().split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(FORM);
    }

    private LocalResponse refused(String why, RequestHead head, ClientInfo client) {
        LOG.atInfo().addKeyValue("why", why).log("back-channel logout refused");
        write(Verdict.DENY, Reason.LOGOUT_REFUSED, head, client, 400);
        return LocalResponse.of(400, "application/json", "{\"error\":\"invalid_request\"}\n")
                .with(NO_STORE);
    }

    private void write(
            Verdict verdict, Reason reason, RequestHead head, ClientInfo client, int status) {
        // Who left has left, written down or not.
        var _ =
                door.trail()
                        .write(Kind.SIGN_OUT, verdict, reason, head, client, null, null, status);
    }
}
