package dev.portcullis.demo;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** The identity provider's pages: no script, nothing loaded, dark and light. */
final class Pages {
    private static final String STYLE =
            """
            :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
            body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
            main { width: min(26rem, 90vw); }
            h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
            p { margin: .25rem 0 1.25rem; }
            button { display: block; width: 100%; margin: .75rem 0; padding: .8rem 1rem; text-align: left;
              font: inherit; border: 1px solid GrayText; border-radius: .6rem; cursor: pointer; }
            button:hover, button:focus-visible { outline: 3px solid Highlight; outline-offset: 1px; }
            button span { display: block; font-size: .85rem; opacity: .8; }
            """;

    /** Names the style in the Content-Security-Policy (CSP Level 3 §2.3.1). */
    static final String STYLE_HASH = "sha256-" + digest(STYLE);

    private Pages() {}

    /** One button per user. */
    static String signIn(List<DevelopmentUser> users, String client, String request) {
        var buttons = new StringBuilder();
        for (var user : users) {
            buttons.append(
                    """
                    <button name="user" value="%s">%s<span>%s: %s</span></button>
                    """
                            .formatted(
                                    escape(user.subject()),
                                    escape(user.email()),
                                    escape(user.name()),
                                    escape(user.note())));
        }
        return page(
                "Sign in",
                """
                <p>Development identity provider, for <strong>%s</strong>. There are no passwords here.</p>
                <form method="post" action="%s">
                <input type="hidden" name="request" value="%s">
                %s</form>
                """
                        .formatted(
                                escape(client), Endpoint.SIGN_IN.path(), escape(request), buttons));
    }

    /** Asks before signing out somebody whom no ID token names. */
    static String confirmSignOut(String parameters, String proof) {
        return page(
                "Sign out?",
                """
                <p>Nobody proved that you asked for this, so you are asked.</p>
                <form method="post" action="%s?%s">
                <button name="confirm" value="%s">Sign out<span>of the development identity provider</span></button>
                </form>
                """
                        .formatted(Endpoint.END_SESSION.path(), escape(parameters), escape(proof)));
    }

    /** Says one thing. */
    static String message(String title, String text) {
        return page(title, "<p>" + escape(text) + "</p>");
    }

    private static String page(String title, String content) {
        return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>%s</title>
        <style>%s</style>
        </head>
        <body>
        <main>
        <h1>%s</h1>
        %s
        </main>
        </body>
        </html>
        """
                .formatted(escape(title), STYLE, escape(title), content);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String digest(String text) {
        try {
            var hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
