package dev.portcullis.edge;

import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TLS context whose handshakes carry an answer of the certificate's responder, so that no client
 * must ask it (RFC 6066 §8). The answer is fetched off the loop, within bounds of time and size,
 * again when half of its life is over and somebody connects; while none is good, handshakes go
 * without.
 */
final class OcspStapling extends DelegatingSslContext {
    private static final Logger LOG = LoggerFactory.getLogger(OcspStapling.class);

    private static final Duration TIME_MAX = Duration.ofSeconds(10);
    private static final long BYTES_MAX = 64 * 1024;
    private static final Duration RETRY = Duration.ofMinutes(5);

    private final URI responder;
    private final OcspResponses responses;
    private final InstantSource clock;
    private final AtomicReference<Instant> due;
    private volatile @Nullable OcspStaple staple;

    private OcspStapling(
            SslContext context, URI responder, OcspResponses responses, InstantSource clock) {
        super(context);
        this.responder = responder;
        this.responses = responses;
        this.clock = clock;
        this.due = new AtomicReference<>(clock.instant());
    }

    /**
     * The context with stapling if there is somebody to ask: not for a certificate that stands
     * alone, or whose authority has no responder, and not on the JDK's TLS.
     *
     * @param chain leaf first
     */
    static SslContext around(SslContext context, List<X509Certificate> chain, InstantSource clock) {
        var responder =
                chain.size() < 2 || !OpenSsl.isOcspSupported()
                        ? null
                        : OcspResponses.responder(chain.getFirst()).orElse(null);
        if (responder == null) {
            return context;
        }
        try {
            var responses = new OcspResponses(chain.getFirst(), chain.get(1));
            var stapling = new OcspStapling(context, responder, responses, clock);
            stapling.refreshIfDue();
            return stapling;
        } catch (GeneralSecurityException unusable) {
            LOG.atWarn().addKeyValue("why", unusable.getMessage()).log("no OCSP stapling");
            return context;
        }
    }

    @Override
    protected void initEngine(SSLEngine engine) {
        refreshIfDue();
        var current = staple;
        if (current != null
                && current.until().isAfter(clock.instant())
                && engine instanceof ReferenceCountedOpenSslEngine openSsl) {
            openSsl.setOcspResponse(current.bytes());
        }
    }

    private void refreshIfDue() {
        var now = clock.instant();
        var before = due.get();
        if (!before.isAfter(now) && due.compareAndSet(before, now.plus(RETRY))) {
            Thread.ofVirtual().name("portcullis-ocsp").start(this::refresh);
        }
    }

    private void refresh() {
        try {
            var fetched = fetch();
            staple = fetched;
            var now = clock.instant();
            due.set(now.plus(Duration.between(now, fetched.until()).dividedBy(2)));
        } catch (IOException notGood) {
            LOG.atWarn()
                    .addKeyValue("responder", responder)
                    .addKeyValue("why", String.valueOf(notGood.getMessage()))
                    .log("no fresh OCSP answer; the last one stays as long as it is good");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private OcspStaple fetch() throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(responder)
                        .header("content-type", "application/ocsp-request")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(responses.request()))
                        .build();
        var body =
                HttpResponse.BodyHandlers.limiting(
                        HttpResponse.BodyHandlers.ofByteArray(), BYTES_MAX);
        var client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
        try {
            var answer =
                    client.sendAsync(request, body).get(TIME_MAX.toSeconds(), TimeUnit.SECONDS);
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode());
            }
            return responses.read(answer.body(), clock.instant());
        } catch (ExecutionException failed) {
            throw new IOException(String.valueOf(failed.getCause()), failed);
        } catch (TimeoutException slow) {
            throw new IOException("no answer in " + TIME_MAX.toSeconds() + " s", slow);
        } finally {
            client.shutdownNow();
        }
    }
}
