package dev.portcullis.client;

import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import dev.portcullis.identity.ProviderExchange;
import dev.portcullis.identity.ProviderHttp;
import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;

/**
 * Speaks with the door and with the issuer: https only, no redirects, within a time and a size.
 * Blocks.
 */
final class WebCalls implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final int BYTES_MAX = 1024 * 1024;

    private final ProviderHttp http;

    private WebCalls(ProviderHttp http) {
        this.http = http;
    }

    /**
     * @param ca PEM of the authority to trust, and no other; null for the usual ones
     */
    static WebCalls open(@Nullable Path ca) throws IOException {
        try {
            var trusted = ca == null ? null : ProviderHttp.trusting(ca);
            return new WebCalls(
                    new ProviderHttp(trusted, ProviderHttp.Plaintext.REFUSED, DEADLINE, BYTES_MAX));
        } catch (NoSuchFileException _) {
            throw new IOException(ca + ": not found (expected: the PEM of an authority)");
        } catch (GeneralSecurityException unusable) {
            throw new IOException(ca + ": " + unusable.getMessage(), unusable);
        }
    }

    /** The document at that address. */
    String document(URI uri) throws IOException {
        var answer = answered(http.get(uri));
        if (answer.status() != HTTPResponse.SC_OK) {
            throw new IOException(uri + ": status " + answer.status() + " (expected: 200)");
        }
        return answer.text();
    }

    /** Sends what the SDK made; an answer of whatever status. */
    HTTPResponse send(HTTPRequest request) throws IOException {
        var headers = new HashMap<String, String>();
        request.getHeaderMap().forEach((name, values) -> headers.put(name, values.getFirst()));
        headers.put("Accept", "application/json");
        var answer =
                answered(
                        http.send(
                                request.getMethod().name(),
                                request.getURI(),
                                headers,
                                request.getBody()));
        var response = new HTTPResponse(answer.status());
        if (answer.isJson()) {
            response.setHeader("Content-Type", "application/json");
        }
        response.setBody(answer.text());
        return response;
    }

    private static ProviderExchange.Answered answered(ProviderExchange exchange)
            throws IOException {
        return switch (exchange) {
            case ProviderExchange.Failed(var why) -> throw new IOException(why);
            case ProviderExchange.Answered answer -> answer;
        };
    }

    @Override
    public void close() {
        http.close();
    }
}
