package dev.portcullis.identity;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An issuer on loopback that publishes whatever it is told to. */
public final class TestIssuer implements AutoCloseable {
    /** What one path answers. */
    record Page(int status, String contentType, String body) {}

    private final HttpServer server;
    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final AtomicInteger keyFetches = new AtomicInteger();

    public TestIssuer() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.createContext(
                "/",
                exchange -> {
                    var path = exchange.getRequestURI().getPath();
                    if (path.equals("/keys")) {
                        keyFetches.incrementAndGet();
                    }
                    var page = pages.getOrDefault(path, new Page(404, "text/plain", "nothing"));
                    var body = page.body().getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().add("Content-Type", page.contentType());
                    exchange.getResponseHeaders().add("Location", uri() + "/elsewhere");
                    exchange.sendResponseHeaders(page.status(), body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        publishMetadata(uri().toString(), uri() + "/keys");
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** How often the key set was asked for. */
    int keyFetches() {
        return keyFetches.get();
    }

    TestIssuer publishMetadata(String issuer, String keysUri) {
        return answer(
                "/.well-known/openid-configuration",
                new Page(
                        200,
                        "application/json",
                        "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"" + keysUri + "\"}"));
    }

    /** The members of the {@code keys} array, as JSON. */
    TestIssuer publishKeys(String... keys) {
        return answer(
                "/keys",
                new Page(
                        200,
                        "application/jwk-set+json",
                        "{\"keys\":[" + String.join(",", keys) + "]}"));
    }

    TestIssuer answer(String path, Page page) {
        pages.put(path, page);
        return this;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
