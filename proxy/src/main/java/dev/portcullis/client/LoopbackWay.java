package dev.portcullis.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where the browser comes back to: one path on a port of 127.0.0.1 that the system chooses (RFC
 * 8252 §7.3). Whoever does not know the state is told no, and ends nothing.
 */
final class LoopbackWay implements AutoCloseable {
    private static final String PATH = "/callback";
    private static final int BACKLOG = 8;

    private final HttpServer server;
    private final String state;
    private final CompletableFuture<URI> came = new CompletableFuture<>();

    private LoopbackWay(HttpServer server, String state) {
        this.server = server;
        this.state = state;
    }

    static LoopbackWay open(String state) throws IOException {
        var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        var way = new LoopbackWay(HttpServer.create(address, BACKLOG), state);
        way.server.createContext("/", way::answer);
        way.server.start();
        return way;
    }

    /** What the issuer is told. */
    URI redirect() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + PATH);
    }

    /** The address that the browser came to. */
    URI await(Duration patience) throws IOException, InterruptedException {
        try {
            return came.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw new IOException(
                    "the browser did not come back (expected: within " + patience + ")");
        } catch (ExecutionException impossible) {
            throw new IOException(impossible);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var uri = exchange.getRequestURI();
            boolean ours =
                    exchange.getRequestMethod().equals("GET")
                            && PATH.equals(uri.getPath())
                            && hasOurState(uri.getRawQuery());
            say(
                    exchange,
                    ours ? 200 : 404,
                    ours
                            ? "That is all. You can close this window and go back to the terminal."
                            : "There is nothing here.");
            if (ours) {
                came.complete(URI.create(redirect() + "?" + uri.getRawQuery()));
            }
        }
    }

    private boolean hasOurState(String query) {
        var wanted = ("state=" + state).getBytes(StandardCharsets.UTF_8);
        return query != null
                && Arrays.stream(query.split("&"))
                        .anyMatch(part ->
                                MessageDigest.isEqual(
                                        part.getBytes(StandardCharsets.UTF_8), wanted));
    }

    private static void say(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", "text/plain; charset=utf-8");
        headers.set("Cache-Control", "no-store");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
