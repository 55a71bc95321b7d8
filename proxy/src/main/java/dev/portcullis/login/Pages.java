package dev.portcullis.login;

import dev.portcullis.access.UserName;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.RequestHead;
import dev.portcullis.session.Session;
import java.net.URI;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every answer of ours that somebody reads: a page for people, a short document for programs. What
 * tells them apart is Fetch Metadata, and {@code Accept} where there is none: a program, or a
 * script on a page, never gets a page for an answer. Immutable; any thread.
 */
public final class Pages {
    private static final String INVALID = "error=\"invalid_token\"";
    private static final String DPOP =
            "DPoP algs=\"ES256 ES384 ES512 PS256 RS256 EdDSA Ed25519\""; // RFC 9449 §5.1
    // A page that waits for the Gateway looks again by itself.
    private static final Fields RELOADING = Fields.of("refresh", "5");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    private final @Nullable Provider provider;
    private final String home;
    private final String challenge;

    /**
     * @param provider where people sign in, or null where nobody can
     * @param home where the Control UI lives: {@code /}, or the Gateway's base path
     * @param resource what programs are told when they are not let in
     */
    public Pages(@Nullable Provider provider, String home, ProtectedResource resource) {
        this.provider = provider;
        this.home = home;
        this.challenge = resource.challenge();
    }

    /** As {@link #error(PageKind, RequestHead, String, UserName)}, for nobody in particular. */
    public LocalResponse error(PageKind kind, @Nullable RequestHead head, String requestId) {
        return error(kind, head, requestId, null);
    }

    /**
     * Says no, in the form the asker reads.
     *
     * @param kind what happened
     * @param head the request, or null if it was never understood
     * @param requestId shown, so that a person can name it
     * @param user whom we took the asker for, or null
     */
    public LocalResponse error(
            PageKind kind, @Nullable RequestHead head, String requestId, @Nullable UserName user) {
        var answer =
                switch (AnswerForm.of(head)) {
                    case PAGE -> page(kind, requestId, user);
                    case JSON ->
                            Documents.problem(kind.status(), kind.title(), kind.what(), requestId);
                    case TEXT -> text(kind.status(), kind.title(), kind.what(), requestId);
                };
        boolean comesBack = kind == PageKind.GATEWAY_DOWN || kind == PageKind.GATEWAY_STARTING;
        return comesBack && AnswerForm.of(head) == AnswerForm.PAGE
                ? answer.with(extra(kind, head)).with(RELOADING)
                : answer.with(extra(kind, head));
    }

    /** Says why a sign-in did not end in a session, and how to begin another. */
    LocalResponse signInFailed(SignInFailure failure, RequestHead head, String requestId) {
        var title = "You are not signed in";
        var answer =
                switch (AnswerForm.of(head)) {
                    case PAGE ->
                            Html.page(
                                    failure.status(),
                                    title,
                                    Html.paragraph("", failure.what())
                                            + Html.actions(
                                                    Html.link("Try again", OwnRoutes.SIGN_IN),
                                                    otherAccount("do quiet")),
                                    requestId,
                                    providerOrigins());
                    case JSON ->
                            Documents.problem(failure.status(), title, failure.what(), requestId);
                    case TEXT -> text(failure.status(), title, failure.what(), requestId);
                };
        return failure.status() == 503 ? answer.with(Fields.of("retry-after", "5")) : answer;
    }

    /** What stands in the hidden frame when a silent sign-in did not work: next to nothing. */
    LocalResponse notSilently() {
        return Html.framed(401, "Not signed in", List.of())
                .with(Fields.of("www-authenticate", challenge));
    }

    /** What stands in a frame of the page on which somebody leaves the provider. */
    LocalResponse signedOutInFrame() {
        return Html.framed(200, "Signed out", providerOrigins());
    }

    /** Asks a person whether to sign out; the answer is a form, so no link can do it. */
    LocalResponse confirmSignOut(Session session, String requestId) {
        var content =
                "<p>You are signed in as "
                        + who(session.user())
                        + ".</p>"
                        + Html.paragraph(
                                "next", "Open windows of yours lose their connection at once.")
                        + Html.actions(signOut("do"), Html.quietLink("Stay", home));
        return Html.page(200, "Sign out?", content, requestId, providerOrigins());
    }

    /**
     * Says that it is done, and what is not.
     *
     * @param there whether the browser comes from the provider's own sign-out
     */
    LocalResponse signedOut(boolean there, RequestHead head, String requestId) {
        var text =
                "This browser's session here has ended, and its connections are closed. Other"
                        + " browsers and programs in which you signed in stay signed in.";
        return switch (AnswerForm.of(head)) {
            case PAGE ->
                    Html.page(
                            200,
                            "You are signed out",
                            Html.paragraph("", text)
                                    + atTheProvider(there)
                                    + Html.actions(Html.link("Sign in", OwnRoutes.SIGN_IN)),
                            requestId,
                            List.of());
            case JSON, TEXT -> LocalResponse.text(200, text + "\n");
        };
    }

    /** Shows a person their own session. */
    LocalResponse me(Session session, RequestHead head, String requestId) {
        if (AnswerForm.of(head) != AnswerForm.PAGE) {
            return Documents.session(session);
        }
        var content =
                "<dl><dt>You are</dt><dd class=\"who\">"
                        + Html.escaped(session.user().value())
                        + "</dd>"
                        + Html.row("Since", TIME.format(session.startedAt()))
                        + Html.row("Ends", TIME.format(session.endsAt()))
                        + Html.row("Or unused for", spoken(session.idle().toMinutes()))
                        + Html.row("Vouched for by", host(session.issuer()))
                        + "</dl>"
                        + Html.actions(Html.link("Open", home), signOut("do quiet"));
        return Html.page(200, "Your session", content, requestId, providerOrigins());
    }

    private LocalResponse page(PageKind kind, String requestId, @Nullable UserName user) {
        var content =
                Html.paragraph("", kind.what())
                        + (user == null ? "" : "<p>You are " + who(user) + ".</p>")
                        + Html.paragraph("next", kind.next())
                        + actionsFor(kind);
        return Html.page(kind.status(), kind.title(), content, requestId, providerOrigins());
    }

    private String actionsFor(PageKind kind) {
        return switch (kind) {
            case NOT_ALLOWED -> Html.actions(otherAccount("do"), Html.quietLink("Try again", ""));
            case NOT_SIGNED_IN -> Html.actions(Html.link("Sign in", OwnRoutes.SIGN_IN));
            case NOT_FOUND -> Html.actions(Html.link("Front page", home));
            default ->
                    kind.retryAfterSeconds() > 0 || kind.status() >= 502
                            ? Html.actions(Html.link("Try again", ""))
                            : "";
        };
    }

    private Fields extra(PageKind kind, @Nullable RequestHead head) {
        if (kind.status() == 401) {
            var sent = head == null ? null : head.fields().first("authorization");
            // What was wrong with it is nobody's business (RFC 6750 §3.1).
            return sent == null ? Fields.of("www-authenticate", challenge) : challenges(sent);
        }
        int seconds = kind.retryAfterSeconds();
        return seconds == 0 ? Fields.NONE : Fields.of("retry-after", Integer.toString(seconds));
    }

    /** The scheme that was tried is told that it failed; the other one is offered as well. */
    private Fields challenges(String sent) {
        boolean proof = sent.regionMatches(true, 0, "DPoP ", 0, 5);
        return Fields.of(
                List.of(
                        new Field(
                                "www-authenticate", proof ? challenge : challenge + ", " + INVALID),
                        new Field("www-authenticate", proof ? DPOP + ", " + INVALID : DPOP)));
    }

    private static LocalResponse text(int status, String title, String what, String requestId) {
        return LocalResponse.text(status, title + ". " + what + "\nRequest " + requestId + "\n");
    }

    /** Leaves first, here and at the provider, or it would let the same person in again. */
    private static String otherAccount(String style) {
        return """
        <form method="post" action="/_portcullis/sign-out">\
        <input type="hidden" name="then" value="sign-in">\
        <button class="%s" type="submit">Sign in as somebody else</button></form>\
        """
                .formatted(style);
    }

    private static String signOut(String style) {
        return "<form method=\"post\" action=\"/_portcullis/sign-out\"><button class=\""
                + style
                + "\" type=\"submit\">Sign out</button></form>";
    }

    private static String who(UserName user) {
        return "<span class=\"who\">" + Html.escaped(user.value()) + "</span>";
    }

    private static String host(String issuer) {
        var host = URI.create(issuer).getHost();
        return host == null ? issuer : host;
    }

    private static String spoken(long minutes) {
        return minutes % 60 == 0 && minutes > 0
                ? minutes / 60 + (minutes == 60 ? " hour" : " hours")
                : minutes + (minutes == 1 ? " minute" : " minutes");
    }

    /** Whether the provider would let the same person in again without asking. */
    private String atTheProvider(boolean there) {
        if (provider == null) {
            return "";
        }
        var host = host(provider.config().issuer().toString());
        return Html.paragraph(
                "next",
                there
                        ? "You left " + host + " as well, unless you told it otherwise."
                        : "You may still be signed in at "
                                + host
                                + ". On a computer that is not yours, sign out there too.");
    }

    /** The origins that the answer to a form of ours may lead to: CSP follows its redirects. */
    private List<String> providerOrigins() {
        var metadata = provider == null ? null : provider.metadata();
        if (metadata == null) {
            return List.of();
        }
        return Stream.of(metadata.authorizationEndpoint(), metadata.endSessionEndpoint())
                .filter(Objects::nonNull)
                .map(uri -> uri.getScheme() + "://" + uri.getRawAuthority())
                .distinct()
                .toList();
    }
}
