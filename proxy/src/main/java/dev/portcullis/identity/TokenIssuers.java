package dev.portcullis.identity;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.http.RequestHead;
import dev.portcullis.runtime.OffLoop;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The whole {@code tokens} block at work: bearer tokens, and the keys of their issuers kept fresh.
 * Does not wait for any issuer; what cannot be judged yet is undecidable.
 */
public final class TokenIssuers implements TokenAuthenticator, AutoCloseable {
    private static final int FETCHES_MAX = 16;

    private final OffLoop offLoop = new OffLoop("portcullis-issuer", FETCHES_MAX);
    private final List<ProviderHttp> clients = new ArrayList<>();
    private final List<JwksSource> sources = new ArrayList<>();
    private final BearerTokens tokens;
    private final ScheduledFuture<?> upkeep;

    /** One set of keys; the same issuer may be configured with several audiences. */
    private record SourceId(URI issuer, @Nullable Path ca) {}

    private TokenIssuers(
            List<TokenIssuerConfig> configs,
            LimitsConfig limits,
            DpopProofs proofs,
            InstantSource clock,
            ScheduledExecutorService timer)
            throws IOException {
        var byId = new HashMap<SourceId, JwksSource>();
        var issuers = new ArrayList<BearerTokens.Issuer>();
        for (var config : configs) {
            var id = new SourceId(config.issuer(), config.ca());
            var source = byId.get(id);
            if (source == null) {
                source = source(id, algorithmsOf(id, configs), limits);
                byId.put(id, source);
            }
            issuers.add(new BearerTokens.Issuer(config, source));
        }
        tokens = new BearerTokens(issuers, proofs, clock);
        upkeep = timer.scheduleWithFixedDelay(this::maintain, 0, 1, TimeUnit.SECONDS);
    }

    /**
     * Begins to fetch keys, and waits for none.
     *
     * @param proofs checks what goes with bound tokens
     * @param clock wall-clock time
     * @param timer looks after the keys, briefly and once a second
     * @throws IOException if a {@code ca} file cannot be read as PEM
     */
    public static TokenIssuers open(
            List<TokenIssuerConfig> configs,
            LimitsConfig limits,
            DpopProofs proofs,
            InstantSource clock,
            ScheduledExecutorService timer)
            throws IOException {
        return new TokenIssuers(configs, limits, proofs, clock, timer);
    }

    private static Set<String> algorithmsOf(SourceId id, List<TokenIssuerConfig> configs) {
        return configs.stream()
                .filter(config -> id.equals(new SourceId(config.issuer(), config.ca())))
                .flatMap(config -> config.algorithms().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private JwksSource source(SourceId id, Set<String> algorithms, LimitsConfig limits)
            throws IOException {
        var plaintext =
                "http".equals(id.issuer().getScheme()) // The configuration took it knowingly.
                        ? ProviderHttp.Plaintext.ON_LOOPBACK
                        : ProviderHttp.Plaintext.REFUSED;
        try {
            var authorities = id.ca() == null ? null : ProviderHttp.trusting(id.ca());
            var client =
                    new ProviderHttp(
                            authorities, plaintext, limits.providerTime(), limits.providerAnswer());
            clients.add(client);
            var source = new JwksSource(id.issuer(), algorithms, client, offLoop, System::nanoTime);
            sources.add(source);
            return source;
        } catch (GeneralSecurityException unusable) {
            throw new IOException(id.ca() + ": " + unusable.getMessage(), unusable);
        }
    }

    private void maintain() {
        sources.forEach(JwksSource::maintain);
    }

    @Override
    public CompletionStage<Authentication> authenticate(
            RequestHead head, ConnectionFacts connection) {
        return tokens.authenticate(head, connection);
    }

    /** The issuers whose tokens cannot be judged now, and why, in one line; empty if all can. */
    public Optional<String> trouble() {
        var lines =
                sources.stream()
                        .filter(source -> !source.isReady())
                        .map(source ->
                                "token issuer "
                                        + source.issuer()
                                        + ": "
                                        + source.trouble().orElse("not reached yet"))
                        .toList();
        return lines.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", lines));
    }

    /** Stops looking after keys, and gives up what is under way. */
    @Override
    public void close() {
        upkeep.cancel(false);
        offLoop.close();
        clients.forEach(ProviderHttp::close);
    }
}
