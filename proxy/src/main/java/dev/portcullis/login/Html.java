package dev.portcullis.login;

import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.runtime.Sha256;
import java.util.Base64;
import java.util.List;

/**
 * The one frame around every page of ours: no script, one style sheet that the policy names by its
 * hash, nothing loaded from anywhere (CSP 3). Everything that is not ours is escaped.
 */
final class Html {
    private static final String STYLE =
            """
            :root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#1b1f27;\
            --soft:#545c6b;--line:#dfe3ea;--mark:#2a5bd7;--on:#fff;--iron:#39414f}
            @media (prefers-color-scheme:dark){:root{--ground:#12151b;--card:#1a1f28;\
            --ink:#e9ecf2;--soft:#a4adbc;--line:#2d3440;--mark:#8fb0ff;--on:#0e1524;\
            --iron:#b9c2d1}}
            *{box-sizing:border-box}
            body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;\
            background:var(--ground);color:var(--ink);\
            font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
            main{width:100%;max-width:31rem;background:var(--card);border:1px solid var(--line);\
            border-radius:14px;padding:2.25rem 2.25rem 1.5rem;\
            box-shadow:0 1px 2px rgba(0,0,0,.04),0 12px 32px rgba(0,0,0,.06)}
            svg{display:block;width:2.75rem;height:2.75rem;margin:0 0 1.25rem;color:var(--iron)}
            h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem;letter-spacing:-.01em;\
            text-wrap:balance}
            p{margin:0 0 .75rem}
            .next{color:var(--soft)}
            .who{font-weight:600;overflow-wrap:anywhere}
            .actions{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 .5rem}
            form{margin:0}
            .do{display:inline-block;font:inherit;font-weight:600;cursor:pointer;\
            padding:.6rem 1.1rem;border-radius:9px;border:1px solid var(--mark);\
            background:var(--mark);color:var(--on);text-decoration:none}
            .do.quiet{background:transparent;color:var(--mark)}
            .do:hover{filter:brightness(1.08)}
            .do:focus-visible,a:focus-visible{outline:3px solid var(--mark);outline-offset:3px}
            dl{display:grid;grid-template-columns:auto 1fr;gap:.4rem 1.25rem;margin:1rem 0}
            dt{color:var(--soft)}
            dd{margin:0;overflow-wrap:anywhere}
            footer{margin-top:1.75rem;padding-top:1rem;border-top:1px solid var(--line);\
            color:var(--soft);font-size:.8125rem}
            code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;\
            overflow-wrap:anywhere;user-select:all}
            @media (max-width:26rem){main{padding:1.5rem 1.25rem 1.25rem}}
            @media (prefers-contrast:more){:root{--soft:var(--ink);--line:var(--ink)}}
            """
                    .strip();

    private static final String STYLE_HASH = hash(STYLE);

    // A gate: two posts, an arch, bars with points.
    private static final String GATE =
            """
            <svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="3" \
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">\
            <path d="M6 44V22a18 18 0 0 1 36 0v22M3 44h6M39 44h6"/>\
            <path d="M15 11v27M24 6v32M33 11v27M7 20h34M7 29h34"/></svg>\
            """;

    private Html() {}

    /**
     * A page.
     *
     * @param title plain text: heading and window title
     * @param content markup, its foreign parts escaped already
     * @param formTargets origins beyond ours to which a form's answer may lead
     */
    static LocalResponse page(
            int status, String title, String content, String requestId, List<String> formTargets) {
        var body = document(title, GATE + heading(title) + content + footer(requestId));
        var formAction =
                formTargets.isEmpty() ? "'self'" : "'self' " + String.join(" ", formTargets);
        return response(status, body, formAction, "'none'");
    }

    /**
     * A page so small that it may stand in a hidden frame of our own origin.
     *
     * @param others origins beyond ours that may frame it
     */
    static LocalResponse framed(int status, String title, List<String> others) {
        var ancestors = others.isEmpty() ? "'self'" : "'self' " + String.join(" ", others);
        return response(status, document(title, heading(title)), "'none'", ancestors);
    }

    /** Text made harmless wherever it stands in markup, attributes in double quotes included. */
    static String escaped(String text) {
        var safe = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.append(Character.isISOControl(c) ? '\uFFFD' : c);
            }
        }
        return safe.toString();
    }

    /** A sentence or two. */
    static String paragraph(String style, String text) {
        return (style.isEmpty() ? "<p>" : "<p class=\"" + style + "\">") + escaped(text) + "</p>";
    }

    /** What one can do on a page, most likely first. */
    static String actions(String... actions) {
        return "<div class=\"actions\">" + String.join("", actions) + "</div>";
    }

    /** The likely thing to do. */
    static String link(String text, String to) {
        return "<a class=\"do\" href=\"" + escaped(to) + "\">" + escaped(text) + "</a>";
    }

    /** The other thing to do. */
    static String quietLink(String text, String to) {
        return "<a class=\"do quiet\" href=\"" + escaped(to) + "\">" + escaped(text) + "</a>";
    }

    /** One line of a description list. */
    static String row(String name, String value) {
        return "<dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd>";
    }

    private static LocalResponse response(
            int status, String body, String formAction, String frameAncestors) {
        var policy =
                "default-src 'none'; style-src '"
                        + STYLE_HASH
                        + "'; form-action "
                        + formAction
                        + "; frame-ancestors "
                        + frameAncestors
                        + "; base-uri 'none'";
        return new LocalResponse(
                status,
                Fields.of(
                        "content-type",
                        "text/html; charset=utf-8",
                        "content-security-policy",
                        policy),
                LocalResponse.Body.utf8(body));
    }

    private static String document(String title, String content) {
        // With no referrer at all a browser would send "Origin: null" with our own forms.
        return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="same-origin">
        <meta name="robots" content="noindex">
        <title>%s</title>
        <style>%s</style>
        </head>
        <body>
        <main>%s</main>
        </body>
        </html>
        """
                .formatted(escaped(title), STYLE, content);
    }

    private static String heading(String title) {
        return "<h1>" + escaped(title) + "</h1>";
    }

    private static String footer(String requestId) {
        return "<footer>Request <code>" + escaped(requestId) + "</code></footer>";
    }

    private static String hash(String style) {
        return "sha256-" + Base64.getEncoder().encodeToString(Sha256.of(style));
    }
}
