package dev.portcullis.login;

import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.openid.connect.sdk.LogoutRequest;
import dev.portcullis.audit.AuditEvent.Kind;
import dev.portcullis.audit.AuditEvent.Verdict;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.Field;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.session.Session;
import dev.portcullis.session.SessionCookie;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a signed-in browser can do with its session: look at it, and end it. Blocks. */
final class SessionRoutes {
    // A longer hint would not fit into every server's request line; the client id does.
    private static final int HINT_CHARACTERS_MAX = 4096;
    private static final String SIGN_IN_AGAIN = "sign-in";
    private static final String LEFT_THERE = "done";
    private static final Field CLEAR_SITE_DATA = new Field("clear-site-data", "\"cache\"");

    private final Door door;
    private final @Nullable Provider provider;

    SessionRoutes(Door door, @Nullable Provider provider) {
        this.door = door;
        this.provider = provider;
    }

    /** Shows whose session this is. */
    LocalResponse me(RequestHead head, ClientInfo client) {
        var session = door.sessionOf(head);
        if (session.isPresent()) {
            return door.pages().me(session.get(), head, client.requestId());
        }
        return provider != null && head.isNavigation()
                ? LocalResponse.redirect(302, ReturnTarget.signInLocation(head), List.of())
                : door.pages().error(PageKind.NOT_SIGNED_IN, head, client.requestId());
    }

    /** GET asks, POST does. Signing out never waits for the audit, and never for the provider. */
    LocalResponse signOut(RequestHead head, byte[] body, ClientInfo client) {
        if (head.method() == Method.GET) {
            return door.sessionOf(head)
                    .map(session -> door.pages().confirmSignOut(session, client.requestId()))
                    .orElseGet(() -> LocalResponse.redirect(302, OwnRoutes.SIGNED_OUT, List.of()));
        }
        var form = Parameters.parse(new String(body, StandardCharsets.UTF_8));
        if (form.isEmpty()) {
            return door.pages().error(PageKind.BAD_REQUEST, head, client.requestId());
        }
        if (!isFromOurPage(head)) {
            return door.pages().error(PageKind.CROSS_SITE, head, client.requestId());
        }
        var ended = door.endSessionOf(head, Reason.SIGNED_OUT);
        ended.ifPresent(session -> {
            write(session, head, client);
            giveBack(session);
        });
        boolean again = SIGN_IN_AGAIN.equals(form.get().get("then"));
        return LocalResponse.redirect(
                303, next(ended, again), List.of(SessionCookie.clearing(), CLEAR_SITE_DATA));
    }

    /** Where the provider sends browsers back to. */
    LocalResponse signedOut(RequestHead head, ClientInfo client) {
        var state = Parameters.parse(head.target().query()).map(query -> query.get("state"));
        return state.filter(SIGN_IN_AGAIN::equals).isPresent() && provider != null
                ? LocalResponse.redirect(302, OwnRoutes.SIGN_IN, List.of())
                : door.pages()
                        .signedOut(
                                state.filter(LEFT_THERE::equals).isPresent(),
                                head,
                                client.requestId());
    }

    /** What nobody needs any more is worth nothing any more (RFC 7009). Waits for nobody. */
    private void giveBack(Session session) {
        var refresh = session.refresh();
        if (provider != null && refresh != null && provider.vouchesFor(session)) {
            provider.giveBack(refresh.token());
        }
    }

    /** A form of ours, and no other site's: what a browser says of itself must all agree. */
    private boolean isFromOurPage(RequestHead head) {
        var site = head.fields().first("sec-fetch-site");
        var origins = head.fields().all("origin");
        boolean siteRight = site == null || site.equals("same-origin");
        boolean originRight =
                origins.stream().allMatch(origin -> origin.equals(door.origin().origin()));
        return siteRight && originRight && (site != null || !origins.isEmpty());
    }

    private void write(Session session, RequestHead head, ClientInfo client) {
        // Who wants to leave leaves, written down or not.
        var _ =
                door.trail()
                        .write(
                                Kind.SIGN_OUT,
                                Verdict.DONE,
                                Reason.SIGNED_OUT,
                                head,
                                client,
                                session.user().value(),
                                session.reference(),
                                303);
    }

    /** To the provider's own sign-out where there is one (RP-Initiated Logout 1.0 §2). */
    private String next(Optional<Session> ended, boolean again) {
        var metadata = provider == null ? null : provider.metadata();
        var there = metadata == null ? null : metadata.endSessionEndpoint();
        if (provider == null || there == null) {
            return again ? OwnRoutes.SIGN_IN + "?prompt=select_account" : OwnRoutes.SIGNED_OUT;
        }
        var theirs = ended.filter(provider::vouchesFor); // Another's are not for this one to see.
        var hint = theirs.map(Session::idToken).flatMap(SessionRoutes::hint).orElse(null);
        return new LogoutRequest(
                        there,
                        hint,
                        null,
                        new ClientID(provider.config().clientId()),
                        URI.create(door.origin().origin() + OwnRoutes.SIGNED_OUT),
                        new State(again ? SIGN_IN_AGAIN : LEFT_THERE),
                        null)
                .toURI()
                .toString();
    }

    private static Optional<JWT> hint(String idToken) {
        try {
            return idToken.length() > HINT_CHARACTERS_MAX
                    ? Optional.empty()
                    : Optional.of(JWTParser.parse(idToken));
        } catch (ParseException notOurs) {
            return Optional.empty();
        }
    }
}
