package dev.portcullis.login;

import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import dev.portcullis.config.ClientCredential;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.Secret;
import dev.portcullis.config.ServerCertificate;
import dev.portcullis.config.SignInConfig;
import dev.portcullis.identity.JsonObject;
import dev.portcullis.identity.JwksSource;
import dev.portcullis.identity.ProviderExchange;
import dev.portcullis.identity.ProviderHttp;
import dev.portcullis.identity.UnverifiedJwt;
import dev.portcullis.identity.Verification;
import dev.portcullis.runtime.OffLoop;
import dev.portcullis.session.Session;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The identity provider where people sign in: what it publishes, kept fresh in the background, and
 * whether it is there at all. {@link #metadata} and {@link #status} never block; the rest does, and
 * belongs on virtual threads.
 */
public final class Provider implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Provider.class);
    private static final Duration PACE = Duration.ofMillis(500);
    private static final long WAIT_MS = 700;
    private static final int SLOTS = 16;

    private final SignInConfig config;
    private final Duration signInTime;
    private final ProviderHttp http;
    private final ClientProof proof;
    private final OffLoop offLoop;
    private final JwksSource source;
    private final ProviderContact contact;
    private final Thread keeper;
    private volatile @Nullable Known known;

    /** A document, and what reading it came to. */
    private record Known(JsonObject document, ProviderMetadata.Reading reading) {}

    private Provider(
            SignInConfig config, LimitsConfig limits, ProviderHttp http, ClientProof proof) {
        LongSupplier nanoTime = System::nanoTime;
        this.config = config;
        this.signInTime = limits.signInTime();
        this.http = http;
        this.proof = proof;
        this.offLoop = new OffLoop("portcullis-provider-fetch", SLOTS);
        this.source =
                new JwksSource(
                        config.issuer(), ProviderMetadata.ALGORITHMS, http, offLoop, nanoTime);
        this.contact = new ProviderContact(config.issuer(), http, offLoop, nanoTime);
        this.keeper = Thread.ofVirtual().name("portcullis-provider-keeper").unstarted(this::keep);
    }

    /**
     * Begins to ask the provider, and does not wait for its answer.
     *
     * @throws IOException if a file of certificates or keys cannot be read as PEM
     */
    public static Provider open(SignInConfig config, LimitsConfig limits) throws IOException {
        var proof = ClientProof.of(config);
        var http =
                new ProviderHttp(
                        tls(config),
                        "http".equals(config.issuer().getScheme())
                                ? ProviderHttp.Plaintext.ON_LOOPBACK
                                : ProviderHttp.Plaintext.REFUSED,
                        limits.providerTime(),
                        limits.providerAnswer());
        var provider = new Provider(config, limits, http, proof);
        provider.keeper.start();
        return provider;
    }

    /** Whom we trust and what we show; null for the platform's usual authorities and nothing. */
    private static @Nullable SSLContext tls(SignInConfig config) throws IOException {
        var ca = config.ca();
        try {
            if (config.credential() instanceof ClientCredential.Certificate(var chain, var key)) {
                return switch (ServerCertificate.read(chain, key)) {
                    case ServerCertificate.Usable(var ours) -> ProviderHttp.showing(ours, ca);
                    case ServerCertificate.UnusableChain(var found) ->
                            throw new IOException(chain + ": " + found);
                    case ServerCertificate.UnusableKey(var found) ->
                            throw new IOException(key + ": " + found);
                };
            }
            return ca == null ? null : ProviderHttp.trusting(ca);
        } catch (GeneralSecurityException unusable) {
            throw new IOException(ca + ": " + unusable.getMessage(), unusable);
        }
    }

    /** Whether people can sign in, and what is wrong if anything is. */
    public ProviderHealth status() {
        var now = known();
        var trouble =
                now != null && now.reading() instanceof ProviderMetadata.Reading.Unusable(var why)
                        ? Optional.of(why)
                        : source.trouble().or(contact::trouble);
        boolean available = now != null && now.reading() instanceof ProviderMetadata.Reading.Usable;
        var line = "identity provider " + config.issuer() + ": " + trouble.orElse("fine");
        return new ProviderHealth(
                available,
                available && trouble.isPresent() ? line + " (what is known stays in use)" : line);
    }

    SignInConfig config() {
        return config;
    }

    /** How long one sign-in may take. */
    Duration signInTime() {
        return signInTime;
    }

    /** What is known of the provider, be it away or not; null if nothing is. */
    @Nullable ProviderMetadata metadata() {
        var now = known();
        return now != null && now.reading() instanceof ProviderMetadata.Reading.Usable(var metadata)
                ? metadata
                : null;
    }

    /**
     * What is known, after making sure that the provider answered within the last seconds: nobody
     * is sent to a provider that is away. Less than three seconds.
     *
     * @return null if it does not answer
     */
    @Nullable ProviderMetadata reached() throws InterruptedException {
        return contact.isMade() ? awaited() : null;
    }

    /** What is known, be the provider away or not; waits where its first answer is under way. */
    @Nullable ProviderMetadata awaited() throws InterruptedException {
        try {
            var _ = source.metadata().toCompletableFuture().get(WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException notYet) {
            return null;
        }
        return metadata();
    }

    /** Whether the provider signed the token; waits for newer keys where that may help. */
    Verification verify(UnverifiedJwt token) {
        return source.verify(token).toCompletableFuture().join();
    }

    /**
     * One exchange with an endpoint that knows us as its client.
     *
     * @param parameters of the form; what proves us is added
     * @throws IOException saying why there is no whole answer within bounds
     */
    HTTPResponse post(URI endpoint, Map<String, List<String>> parameters, Instant now)
            throws IOException {
        var known = metadata();
        if (known == null) {
            throw new IOException(status().line());
        }
        return send(proof.post(known, endpoint, parameters, now));
    }

    /** Gives a refresh token back where the provider takes it (RFC 7009). Never waits or fails. */
    void giveBack(@Nullable Secret token) {
        var known = metadata();
        var endpoint = known == null ? null : known.revocationEndpoint();
        if (token == null || endpoint == null) {
            return;
        }
        var form =
                Map.of(
                        "token",
                        List.of(token.expose()),
                        "token_type_hint",
                        List.of("refresh_token"));
        offLoop.call(() -> post(endpoint, form, Instant.now()).getStatusCode())
                .whenComplete((status, failure) -> {
                    if (failure != null || status != HTTPResponse.SC_OK) {
                        LOG.info("a refresh token was not given back: it ends by itself");
                    }
                });
    }

    private HTTPResponse send(HTTPRequest request) throws IOException {
        Map<String, String> headers =
                request.getHeaderMap().entrySet().stream()
                        .collect(
                                Collectors.toMap(
                                        Map.Entry::getKey, entry -> entry.getValue().getFirst()));
        var exchange =
                http.send(request.getMethod().name(), request.getURI(), headers, request.getBody());
        return switch (exchange) {
            case ProviderExchange.Failed(var why) -> throw new IOException(why);
            case ProviderExchange.Answered answer -> response(answer);
        };
    }

    private static HTTPResponse response(ProviderExchange.Answered answer) {
        var response = new HTTPResponse(answer.status());
        if (answer.isJson()) {
            response.setHeader("Content-Type", "application/json");
        }
        response.setBody(answer.text());
        return response;
    }

    private @Nullable Known known() {
        var found = source.metadata().toCompletableFuture().getNow(Optional.empty());
        if (found.isEmpty()) {
            return null;
        }
        var before = known;
        if (before != null && before.document() == found.get()) {
            return before;
        }
        var now =
                new Known(
                        found.get(),
                        ProviderMetadata.read(
                                found.get(),
                                config.issuer(),
                                config.credential() instanceof ClientCredential.Certificate));
        known = now;
        return now;
    }

    private void keep() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                source.maintain();
                Thread.sleep(PACE);
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it is the one that said who that session's person is. */
    boolean vouchesFor(Session session) {
        return config.issuer().toString().equals(session.issuer());
    }

    /**
     * Another one takes its place: what is under way here ends as it began, since a refresh token
     * counts once. Blocks, for one exchange at most.
     */
    public void retire() {
        keeper.interrupt();
        http.retire();
        offLoop.close();
    }

    /** Stops asking, and gives up what is under way. */
    @Override
    public void close() {
        keeper.interrupt();
        http.close();
        offLoop.close();
    }
}
