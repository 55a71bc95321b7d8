package dev.portcullis;

import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.config.SignInConfig;
import dev.portcullis.edge.GateParts;
import dev.portcullis.identity.ClientCertificates;
import dev.portcullis.identity.DpopProofs;
import dev.portcullis.identity.TokenIssuers;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.login.Pages;
import dev.portcullis.login.ProtectedResource;
import dev.portcullis.login.Provider;
import dev.portcullis.policy.AllowList;
import dev.portcullis.policy.Policy;
import dev.portcullis.policy.RateLimits;
import dev.portcullis.session.SessionAuthenticator;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One configuration at work: everything that a reload replaces. What the next configuration has in
 * common with this one is taken over with all it knows, such as the keys of an issuer.
 *
 * @param files what the authority files hold that parts were made from
 */
record Generation(
        PortcullisConfig config,
        @Nullable Provider provider,
        TokenIssuers tokens,
        ClientCertificates certificates,
        RateLimits rates,
        GateParts parts,
        Map<String, String> files)
        implements AutoCloseable {

    private static final Duration WARM_UP = Duration.ofMillis(300);

    /**
     * Makes the parts of a configuration.
     *
     * @param before the one in force, or null at the start
     * @throws IOException if a file cannot be used; then nothing is left running but {@code before}
     */
    static Generation of(PortcullisConfig config, Shared shared, @Nullable Generation before)
            throws IOException {
        var files = Authorities.read(config);
        var provider = provider(config, before, files);
        try {
            var tokens = tokens(config, shared, before, files);
            var rates = rates(config, shared, before);
            var certificates = ClientCertificates.of(config, shared.clock());
            var parts = parts(config, shared, provider, certificates, rates);
            return new Generation(config, provider, tokens, certificates, rates, parts, files);
        } catch (IOException | RuntimeException failure) {
            if (provider != null && (before == null || provider != before.provider)) {
                provider.close();
            }
            throw failure;
        }
    }

    private static @Nullable Provider provider(
            PortcullisConfig config, @Nullable Generation before, Map<String, String> files)
            throws IOException {
        SignInConfig signIn = config.signIn();
        if (signIn == null) {
            return null;
        }
        return before != null
                        && before.provider != null
                        && signIn.equals(before.config.signIn())
                        && before.sameExchanges(config, files)
                ? before.provider
                : Provider.open(signIn, config.limits());
    }

    private static TokenIssuers tokens(
            PortcullisConfig config,
            Shared shared,
            @Nullable Generation before,
            Map<String, String> files)
            throws IOException {
        return before != null
                        && config.tokens().equals(before.config.tokens())
                        && before.sameExchanges(config, files)
                ? before.tokens
                : TokenIssuers.open(
                        config.tokens(),
                        config.limits(),
                        new DpopProofs(
                                config.publicOrigin(), shared.sessions()::firstUse, shared.clock()),
                        shared.clock(),
                        shared.timer());
    }

    /** Whether whoever talks to a provider would do so alike. */
    private boolean sameExchanges(PortcullisConfig other, Map<String, String> otherFiles) {
        return files.equals(otherFiles)
                && config.limits().providerTime().equals(other.limits().providerTime())
                && config.limits().providerAnswer() == other.limits().providerAnswer();
    }

    /** Buckets that are not configured anew go on as full as they are. */
    private static RateLimits rates(
            PortcullisConfig config, Shared shared, @Nullable Generation before) {
        return before != null && config.rateLimits().equals(before.config.rateLimits())
                ? before.rates
                : shared.rateLimits().apply(config.rateLimits());
    }

    private static GateParts parts(
            PortcullisConfig config,
            Shared shared,
            @Nullable Provider provider,
            ClientCertificates certificates,
            RateLimits rates) {
        var resource = ProtectedResource.of(config);
        var home = config.gateway().basePath();
        var pages = new Pages(provider, home, resource);
        var ownRoutes =
                new OwnRoutes(
                        config.publicOrigin(),
                        home,
                        pages,
                        shared.ender(),
                        shared.refresher()::watch,
                        shared.meters(),
                        resource,
                        provider,
                        shared.waiting());
        return new GateParts(
                new Policy(new AllowList(config.allowUsers()), config.publicOrigin(), home),
                rates,
                ownRoutes,
                pages,
                shared.audit(),
                shared.meters(),
                shared.live(),
                new SessionAuthenticator(shared.sessions(), shared.refresher(), shared.clock()),
                shared.serviceTokens(),
                certificates,
                shared.overloaded(),
                shared.clock());
    }

    /**
     * Gives new providers a moment to answer, so that taking over is not noticed. Blocks, though
     * not for long: somebody may have to be shut out.
     */
    void warm() {
        long end = System.nanoTime() + WARM_UP.toNanos();
        while (!isWarm() && System.nanoTime() < end) {
            LockSupport.parkNanos(WARM_UP.toNanos() / 20);
        }
    }

    private boolean isWarm() {
        boolean signIn = provider == null || provider.status().available();
        return signIn && tokens.trouble().isEmpty();
    }

    /**
     * Closes what the next one, or the one before if this never came into force, does not use.
     * Waits for nothing, not even for what is under way at the provider; that ends by itself.
     */
    void closeAllBut(Generation other) {
        if (provider != null && provider != other.provider) {
            Thread.ofVirtual().name("portcullis-provider-retiring").start(provider::retire);
        }
        if (tokens != other.tokens) {
            tokens.close();
        }
    }

    @Override
    public void close() {
        if (provider != null) {
            provider.retire();
        }
        tokens.close();
    }
}
