package dev.portcullis.demo;

import java.util.regex.Pattern;

/** The stand-in Gateway's page. It has a script, because the Control UI is one. */
final class StandInPage {
    /** What no browser sends, or no browser gets through. */
    private static final Pattern OURS =
            Pattern.compile("(?i)host|x-forwarded-.*|x-openclaw-scopes|x-request-id|x-sidecar-.*");

    private static final String PAGE =
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Stand-in Gateway</title>
            <style>
            :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
            main { width: min(44rem, 92vw); margin: 2rem auto; }
            table { border-collapse: collapse; width: 100%; }
            td { border-top: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); padding: .3rem .6rem .3rem 0;
              vertical-align: top; overflow-wrap: anywhere; font: .85rem/1.5 ui-monospace, monospace; }
            td:first-child { width: 1%; white-space: nowrap; opacity: .75; }
            input { font: inherit; padding: .5rem; width: 60%; } button { font: inherit; padding: .5rem 1rem; }
            </style>
            </head>
            <body>
            <main>
            <h1>You are through</h1>
            <p>This page stands in for an OpenClaw Gateway.</p>
            <h2>A live WebSocket</h2>
            <form id="say"><input id="text" value="hello" aria-label="Message"> <button>Send</button></form>
            <p>State: <strong id="state">connecting</strong>. Echo: <output id="echo">none yet</output></p>
            <p><a href="/_portcullis/sign-out">Sign out</a></p>
            <h2>What Portcullis wrote</h2>
            <table>{{written}}</table>
            <h2>What it let through of your browser's</h2>
            <table>{{relayed}}</table>
            </main>
            <script>
            const state = document.getElementById('state'), echo = document.getElementById('echo');
            let socket;
            function connect() {
              socket = new WebSocket(`wss://${location.host}/`);
              socket.onopen = () => { state.textContent = 'open'; socket.send('hello'); };
              socket.onmessage = (event) => { echo.textContent = event.data; };
              socket.onclose = (event) => { state.textContent = `closed (${event.code})`; setTimeout(connect, 1000); };
            }
            document.getElementById('say').onsubmit = (event) => {
              event.preventDefault();
              socket.send(document.getElementById('text').value);
            };
            connect();
            </script>
            </body>
            </html>
            """;

    private StandInPage() {}

    static String of(StandInGateway.Head head) {
        var written = new StringBuilder();
        var relayed = new StringBuilder();
        row(relayed, head.method(), head.target());
        for (var field : head.fields()) {
            int colon = Math.max(field.indexOf(':'), 0);
            var name = field.substring(0, colon);
            row(
                    OURS.matcher(name).matches() ? written : relayed,
                    name,
                    field.substring(colon + 1).strip());
        }
        return PAGE.replace("{{written}}", written).replace("{{relayed}}", relayed);
    }

    private static void row(StringBuilder rows, String name, String value) {
        rows.append("<tr><td>")
                .append(Pages.escape(name))
                .append("</td><td>")
                .append(Pages.escape(value))
                .append("</td></tr>\n");
    }
}
