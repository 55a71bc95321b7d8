package dev.portcullis.identity;

import dev.portcullis.config.ServerCertificate;
import dev.portcullis.runtime.PlainWords;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Talks to one identity provider, so that a slow, huge, redirecting or impersonated one costs a
 * bounded wait and nothing else: one deadline over the whole exchange, a bound on the answer's
 * size, no redirects, https with the host name checked. Blocks its caller: for {@code OffLoop}
 * threads only. Any number of threads.
 */
public final class ProviderHttp implements AutoCloseable {
    private static final int CAUSES_MAX = 10;
    private static final char[] NO_PASSWORD = new char[0]; // The store never leaves the memory.

    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("portcullis-provider-", 0).factory());
    private final HttpClient client;
    private final Plaintext plaintext;
    private final Duration deadline;
    private final int bytesMax;

    /** Whether the provider may be spoken to without TLS. */
    public enum Plaintext {
        /** Never. */
        REFUSED,
        /** On a loopback literal, where the configuration says so with an {@code insecure-} key. */
        ON_LOOPBACK
    }

    /**
     * @param authorities whom to trust, see {@link #trusting}; null for the platform's usual ones
     * @param deadline for one exchange, connecting and the body included
     * @param bytesMax of the answer's content
     */
    public ProviderHttp(
            @Nullable SSLContext authorities,
            Plaintext plaintext,
            Duration deadline,
            int bytesMax) {
        this.plaintext = plaintext;
        this.deadline = deadline;
        this.bytesMax = bytesMax;
        var builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(deadline)
                        .executor(threads);
        if (authorities != null) {
            builder.sslContext(authorities);
        }
        this.client = builder.build();
    }

    /**
     * A TLS context that trusts the certificates of this PEM file and no others.
     *
     * @throws IOException if the file cannot be read
     * @throws GeneralSecurityException if it holds no certificate
     */
    public static SSLContext trusting(Path pem) throws IOException, GeneralSecurityException {
        return context(null, trusted(pem));
    }

    /**
     * A TLS context that shows a certificate of ours where one is asked for (RFC 8705 §2).
     *
     * @param pem whom to trust, as in {@link #trusting}; null for the platform's usual authorities
     */
    public static SSLContext showing(ServerCertificate ours, @Nullable Path pem)
            throws IOException, GeneralSecurityException {
        var store = empty();
        store.setKeyEntry(
                "ours", ours.key(), NO_PASSWORD, ours.chain().toArray(X509Certificate[]::new));
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        return context(keys.getKeyManagers(), pem == null ? null : trusted(pem));
    }

    private static SSLContext context(
            KeyManager @Nullable [] keys, TrustManager @Nullable [] authorities)
            throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(keys, authorities, null);
        return context;
    }

    private static TrustManager[] trusted(Path pem) throws IOException, GeneralSecurityException {
        var store = empty();
        try (var in = Files.newInputStream(pem)) {
            int count = 0;
            for (var authority : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + count++, authority);
            }
            if (count == 0) {
                throw new GeneralSecurityException(
                        pem + ": no certificate (expected: at least one, as PEM)");
            }
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    /** GETs a JSON document. */
    public ProviderExchange get(URI uri) {
        return send("GET", uri, Map.of("Accept", "application/json"), null);
    }

    /**
     * One exchange.
     *
     * @param headers those of the JDK client's forbidden list excepted
     * @param body sent as UTF-8, or null for none; its content type stands in {@code headers}
     */
    public ProviderExchange send(
            String method, URI uri, Map<String, String> headers, @Nullable String body) {
        if (!isAllowed(uri)) {
            return failed(uri, "not an https URL with a host (expected: https)");
        }
        var request = HttpRequest.newBuilder(uri);
        headers.forEach(request::setHeader);
        request.method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return exchange(uri, request.build());
    }

    private ProviderExchange exchange(URI uri, HttpRequest request) {
        var handler = BodyHandlers.limiting(BodyHandlers.ofByteArray(), bytesMax);
        // HttpRequest.timeout ends at the head; a slow body must not outlive the deadline either.
        var pending = client.sendAsync(request, handler);
        try {
            return answered(pending.get(deadline.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException _) {
            return failed(uri, "no whole answer (expected: one within " + deadline + ")");
        } catch (ExecutionException failure) {
            return failed(uri, describe(failure));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return failed(uri, "interrupted");
        } finally {
            pending.cancel(true); // Lets go of the connection; nothing if it is done.
        }
    }

    private static ProviderExchange answered(HttpResponse<byte[]> response) {
        var contentType = response.headers().firstValue("content-type").orElse(null);
        return new ProviderExchange.Answered(response.statusCode(), contentType, response.body());
    }

    private boolean isAllowed(URI uri) {
        if (uri.getHost() == null || uri.getRawUserInfo() != null || uri.getScheme() == null) {
            return false;
        }
        return switch (uri.getScheme()) {
            case "https" -> true;
            case "http" -> plaintext == Plaintext.ON_LOOPBACK && isLoopbackLiteral(uri.getHost());
            default -> false;
        };
    }

    /** A literal, so that no name server has a say in it. */
    private static boolean isLoopbackLiteral(String host) {
        return host.equals("[::1]") || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }

    private static ProviderExchange failed(URI uri, String why) {
        return new ProviderExchange.Failed(
                uri.getScheme() + "://" + uri.getAuthority() + uri.getPath() + ": " + why);
    }

    /** The innermost cause: that is where TLS says what it disliked. */
    private static String describe(Throwable failure) {
        var cause = failure;
        for (int depth = 0; cause.getCause() != null && depth < CAUSES_MAX; depth++) {
            cause = cause.getCause();
        }
        return PlainWords.of(cause);
    }

    /**
     * Takes nothing more, and lets what is under way end: what a provider gives away may be given
     * once. Blocks, for one deadline at most.
     */
    public void retire() {
        client.shutdown();
        try {
            var _ = client.awaitTermination(deadline);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    /** Gives up what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
        threads.shutdownNow();
    }
}
