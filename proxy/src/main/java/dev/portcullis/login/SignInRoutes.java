package dev.portcullis.login;

import dev.portcullis.audit.AuditEvent.Kind;
import dev.portcullis.audit.AuditEvent.Verdict;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.Cookies;
import dev.portcullis.http.Field;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.RequestHead;
import dev.portcullis.login.SignInFlow.Begun;
import dev.portcullis.login.SignInFlow.Finished;
import dev.portcullis.metrics.SignIn;
import dev.portcullis.session.SessionCookie;
import dev.portcullis.session.SessionSecret;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The two routes of a sign-in: out to the provider and back. Blocks. */
final class SignInRoutes {
    /** Binds sign-ins to the browser that began them; proves nothing else. */
    static final String COOKIE = Cookies.OURS + "-sign-in";

    private static final Set<String> PROMPTS = Set.of("select_account", "login");

    private final Door door;
    private final SignInFlow flow;
    private final long cookieSeconds;

    SignInRoutes(Door door, Provider provider) {
        this.door = door;
        this.flow =
                new SignInFlow(
                        provider,
                        door.sessions(),
                        door.clock(),
                        URI.create(door.origin().origin() + OwnRoutes.CALLBACK));
        this.cookieSeconds = provider.signInTime().toSeconds();
    }

    /** Sends a navigation to the provider. In a frame nobody sees, nothing may be shown there. */
    LocalResponse signIn(RequestHead head, ClientInfo client) throws InterruptedException {
        var query = Parameters.parse(head.target().query());
        if (query.isEmpty()) {
            return door.pages().error(PageKind.BAD_REQUEST, head, client.requestId());
        }
        boolean silent = isFramed(head);
        var browser = browserOf(head);
        var secret = browser == null ? SessionSecret.random() : browser;
        var begun =
                flow.begin(
                        secret,
                        ReturnTarget.of(query.get().get("return"), door.home()),
                        silent,
                        prompt(query.get()));
        return switch (begun) {
            case Begun.There(var to) -> sent(to, secret, head, client);
            case Begun.Not(var failure) -> notBegun(failure, silent, head, client);
        };
    }

    private LocalResponse sent(URI to, SessionSecret secret, RequestHead head, ClientInfo client) {
        if (!write(Verdict.CHALLENGE, Reason.SIGN_IN_STARTED, head, client, null, null, 302)) {
            return unaudited(head, client);
        }
        door.meters().signIn(SignIn.STARTED);
        var cookies = new ArrayList<>(List.of(cookie(secret)));
        if (door.sessionOf(head).isEmpty() && hasSessionCookie(head)) {
            // A cookie that proves nothing was planted or has ended: out with it.
            cookies.add(SessionCookie.clearing());
        }
        return LocalResponse.redirect(302, to.toString(), cookies);
    }

    /** Takes the provider's answer, and makes a session of it if all of it is right. */
    LocalResponse callback(RequestHead head, ClientInfo client) {
        var answer = Parameters.parse(head.target().query());
        if (answer.isEmpty()) {
            write(Verdict.DENY, Reason.SIGN_IN_RESPONSE_INVALID, head, client, null, null, 400);
            return door.pages().error(PageKind.BAD_REQUEST, head, client.requestId());
        }
        return switch (flow.finish(answer.get(), browserOf(head), client.address())) {
            case Finished.Done done -> signedIn(done, head, client);
            case Finished.Failed failed -> notSignedIn(failed, head, client);
        };
    }

    private LocalResponse signedIn(Finished.Done done, RequestHead head, ClientInfo client) {
        var session = done.session();
        var user = session.user().value();
        if (!write(
                Verdict.DONE, Reason.SIGN_IN_DONE, head, client, user, session.reference(), 302)) {
            // Nobody holds its secret yet.
            StoreUnavailableException.await(door.sessions().remove(done.secret().key()));
            return unaudited(head, client);
        }
        // Whatever this browser was before, it is no longer: no planted session survives.
        door.endSessionOf(head, Reason.SESSION_ENDED);
        door.begun().accept(session);
        door.meters().signIn(SignIn.DONE);
        return LocalResponse.redirect(
                302, done.returnTo(), List.of(SessionCookie.setting(done.secret())));
    }

    private LocalResponse notSignedIn(Finished.Failed failed, RequestHead head, ClientInfo client) {
        var failure = failed.failure();
        if (failure == SignInFailure.STATE_UNKNOWN && door.sessionOf(head).isPresent()) {
            // The back button, or a second tab: this browser is signed in already.
            return LocalResponse.redirect(302, door.home(), List.of());
        }
        door.meters().signIn(SignIn.FAILED);
        if (!write(
                Verdict.DENY,
                failure.reason(),
                head,
                client,
                failed.name(),
                null,
                failure.status())) {
            return unaudited(head, client);
        }
        return failed.silent() || isFramed(head)
                ? door.pages().notSilently()
                : door.pages().signInFailed(failure, head, client.requestId());
    }

    private LocalResponse notBegun(
            SignInFailure failure, boolean silent, RequestHead head, ClientInfo client) {
        door.meters().signIn(SignIn.FAILED);
        write(Verdict.DENY, failure.reason(), head, client, null, null, failure.status());
        if (silent) {
            return door.pages().notSilently();
        }
        return failure == SignInFailure.PROVIDER_TROUBLE
                ? door.pages().error(PageKind.PROVIDER_UNAVAILABLE, head, client.requestId())
                : door.pages().signInFailed(failure, head, client.requestId());
    }

    private LocalResponse unaudited(RequestHead head, ClientInfo client) {
        return door.pages().error(PageKind.AUDIT_UNAVAILABLE, head, client.requestId());
    }

    private boolean write(
            Verdict verdict,
            Reason reason,
            RequestHead head,
            ClientInfo client,
            @Nullable String user,
            @Nullable String handle,
            int status) {
        return door.trail()
                .write(Kind.SIGN_IN, verdict, reason, head, client, user, handle, status);
    }

    private Field cookie(SessionSecret browser) {
        return new Field(
                "set-cookie",
                COOKIE
                        + "="
                        + browser.expose()
                        + "; Max-Age="
                        + cookieSeconds
                        + "; Path=/; Secure; HttpOnly; SameSite=Lax");
    }

    private static @Nullable SessionSecret browserOf(RequestHead head) {
        return Cookies.find(head.fields(), COOKIE) instanceof Cookies.Found.One(var value)
                ? SessionSecret.parse(value).orElse(null)
                : null;
    }

    private static boolean hasSessionCookie(RequestHead head) {
        return !(SessionCookie.in(head.fields()) instanceof Cookies.Found.None);
    }

    private static boolean isFramed(RequestHead head) {
        var destination = head.fields().first("sec-fetch-dest");
        return destination != null && !destination.equals("document");
    }

    private static @Nullable String prompt(Map<String, String> query) {
        var asked = query.get("prompt");
        return asked != null && PROMPTS.contains(asked) ? asked : null;
    }
}
