package dev.portcullis.cli;

import dev.portcullis.runtime.PlainWords;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks the admin listener of a running sidecar. */
final class AdminCall {
    /** Loopback answers at once, or it is stuck; orchestrators give a probe about this long. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final int BODY_MAX = 1024 * 1024;

    private AdminCall() {}

    /** What came back. */
    sealed interface Answer {
        /** An answer, of whatever status. */
        record Said(int status, String body) implements Answer {}

        /** None. */
        record Silence(String why) implements Answer {}
    }

    static Answer get(InetSocketAddress admin, String path) {
        try {
            var address = admin.getAddress().getHostAddress();
            var host = address.indexOf(':') < 0 ? address : "[" + address + "]";
            var url = URI.create("http://" + host + ":" + admin.getPort() + path).toURL();
            // Straight there: a proxy for the rest of the world has no business here.
            var connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(Math.toIntExact(TIMEOUT.toMillis()));
            connection.setReadTimeout(Math.toIntExact(TIMEOUT.toMillis()));
            connection.setInstanceFollowRedirects(false);
            int status = connection.getResponseCode();
            try (var body = body(connection)) {
                var bytes = body.readNBytes(BODY_MAX);
                return new Answer.Said(status, new String(bytes, StandardCharsets.UTF_8));
            }
        } catch (IOException failure) {
            return new Answer.Silence(
                    "no answer from "
                            + admin.getHostString()
                            + ":"
                            + admin.getPort()
                            + ": "
                            + PlainWords.of(failure));
        }
    }

    private static InputStream body(HttpURLConnection connection) throws IOException {
        var error = connection.getErrorStream();
        return error == null ? connection.getInputStream() : error;
    }
}
