package dev.portcullis.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Authentication.Ambiguous;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Rejected;
import dev.portcullis.identity.Authentication.Undecidable;
import dev.portcullis.runtime.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns {@code Authorization: Bearer} and {@code DPoP} into a principal (RFC 6750, RFC 9068), by
 * the letter of RFC 8725: strict form, one issuer found by {@code iss}, its audience, type, times
 * and algorithms, its signature. What was verified once is known by its hash until it ends or its
 * key is gone. Any thread, the event loop included: it waits for nothing, and a signature check is
 * short.
 */
public final class BearerTokens implements TokenAuthenticator {
    /**
     * One issuer that is trusted for access tokens.
     *
     * @param keys where its keys come from
     */
    public record Issuer(TokenIssuerConfig config, JwksSource keys) {}

    private static final Logger LOG = LoggerFactory.getLogger(BearerTokens.class);
    private static final int KNOWN_MAX = 10_000;
    private static final Duration KNOWN_AT_MOST = Duration.ofMinutes(10);
    private static final int HANDLE_CHARACTERS = 16;
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final List<Accepted> issuers;
    private final DpopProofs proofs;
    private final InstantSource clock;
    private final Cache<String, Known> known =
            Caffeine.newBuilder()
                    .maximumSize(KNOWN_MAX)
                    .expireAfterWrite(KNOWN_AT_MOST)
                    .executor(Runnable::run)
                    .build();

    private record Accepted(
            TokenIssuerConfig config, JwksSource keys, Set<SignatureAlgorithm> algorithms) {}

    /** A token that was verified, with what it still depends on. */
    private record Known(Good good, Good late, TokenTimes times, SigningKey key, JwksSource keys) {
        Good at(Instant now) {
            return now.isBefore(times.expiry()) ? good : late;
        }
    }

    /**
     * @param issuers in the order of the configuration; the same issuer may stand there with
     *     several audiences
     * @param proofs checks what goes with bound tokens
     * @param clock wall-clock time
     */
    public BearerTokens(List<Issuer> issuers, DpopProofs proofs, InstantSource clock) {
        this.issuers = issuers.stream().map(BearerTokens::accepted).toList();
        this.proofs = proofs;
        this.clock = clock;
    }

    private static Accepted accepted(Issuer issuer) {
        var algorithms = SignatureAlgorithm.allNamed(issuer.config().algorithms());
        return new Accepted(issuer.config(), issuer.keys(), algorithms);
    }

    /**
     * What the {@code Authorization} fields of a request prove.
     *
     * @return completed at once but for a key nobody has seen yet, or an issuer not reached yet.
     *     {@code Anonymous} without a field, {@code Ambiguous} with two. Never fails
     */
    @Override
    public CompletionStage<Authentication> authenticate(
            RequestHead head, ConnectionFacts connection) {
        var authorization = head.fields().all("authorization");
        return switch (authorization.size()) {
            case 0 -> CompletableFuture.completedStage(Authentication.ANONYMOUS);
            case 1 ->
                    judge(authorization.getFirst(), head, connection)
                            .handle(BearerTokens::authentication);
            default ->
                    CompletableFuture.completedStage(new Ambiguous(Reason.CREDENTIALS_AMBIGUOUS));
        };
    }

    /** What a token came to. */
    sealed interface Verdict {}

    /** It proves somebody, to whom it is bound or not. */
    record Good(Principal principal, Confirmation confirmation) implements Verdict {}

    /** It proves nothing. */
    record Flawed(TokenFlaw flaw, Reason reason) implements Verdict {}

    /** Its issuer's keys are out of reach. */
    record Unjudged() implements Verdict {}

    private static Authentication authentication(
            @Nullable Verdict verdict, @Nullable Throwable failure) {
        return switch (verdict) {
            case null -> {
                LOG.atWarn().setCause(failure).log("a token could not be judged");
                yield new Undecidable(Reason.STORE_UNAVAILABLE);
            }
            case Good(Principal principal, _) -> new Authenticated(principal);
            case Flawed(TokenFlaw flaw, Reason reason) -> {
                LOG.atDebug().addKeyValue("flaw", flaw.code()).log("bearer token refused");
                yield new Rejected(reason);
            }
            case Unjudged() -> new Undecidable(Reason.TOKEN_ISSUER_UNAVAILABLE);
        };
    }

    CompletionStage<Verdict> judge(
            String authorization, RequestHead head, ConnectionFacts connection) {
        var presented = PresentedToken.of(authorization);
        if (presented == null) {
            return done(new Flawed(TokenFlaw.SCHEME, Reason.TOKEN_MALFORMED));
        }
        return judge(presented.token())
                .thenCompose(verdict -> held(verdict, presented, head, connection));
    }

    private CompletionStage<Verdict> held(
            Verdict verdict, PresentedToken presented, RequestHead head, ConnectionFacts by) {
        return verdict instanceof Good good ? heldBy(good, presented, head, by) : done(verdict);
    }

    /** Whether whoever presents the token is the one it is bound to; asked on every request. */
    private CompletionStage<Verdict> heldBy(
            Good good, PresentedToken presented, RequestHead head, ConnectionFacts connection) {
        var bound = good.confirmation();
        if (bound.certificate() != null && !isOf(connection.certificate(), bound.certificate())) {
            return done(invalid(TokenFlaw.BOUND_TO_KEY));
        }
        boolean proves = presented.scheme() == PresentedToken.Scheme.DPOP;
        var thumbprint = bound.thumbprint();
        if (thumbprint == null) {
            return done(proves ? invalid(TokenFlaw.PROOF_NOT_WANTED) : good);
        }
        if (!proves) { // Stolen, or downgraded (RFC 9449 §7.2).
            return done(invalid(TokenFlaw.BOUND_TO_KEY));
        }
        return proofs.flawIn(head, hash(presented.token()), thumbprint)
                .thenApply(flaw -> flaw == null ? good : invalid(flaw));
    }

    private static boolean isOf(@Nullable ClientCertificate certificate, String digest) {
        return certificate != null && BASE64URL.encodeToString(certificate.digest()).equals(digest);
    }

    private CompletionStage<Verdict> judge(String token) {
        var hash = hash(token);
        var seen = known.getIfPresent(hash);
        if (seen != null && seen.keys().knows(seen.key())) {
            var now = clock.instant();
            var flaw = seen.times().flawAt(now);
            return done(flaw == null ? seen.at(now) : untimely(flaw));
        }
        return switch (UnverifiedJwt.parse(token)) {
            case UnverifiedJwt.Malformed(TokenFlaw flaw) ->
                    done(new Flawed(flaw, Reason.TOKEN_MALFORMED));
            case UnverifiedJwt.Wellformed(UnverifiedJwt parsed) -> judge(parsed, hash);
        };
    }

    /** The cheap checks first; they are repeated by nothing, since a token does not change. */
    private CompletionStage<Verdict> judge(UnverifiedJwt token, String hash) {
        var named = token.claims().text("iss");
        TokenFlaw closest = TokenFlaw.ISSUER;
        for (var issuer : issuers) {
            if (issuer.config().issuer().toString().equals(named)) {
                var flaw = AccessTokenRules.flawIn(token, issuer.config());
                if (flaw == null) {
                    return judgeTimes(token, issuer, hash);
                }
                closest = flaw;
            }
        }
        return done(invalid(closest));
    }

    private CompletionStage<Verdict> judgeTimes(UnverifiedJwt token, Accepted issuer, String hash) {
        return switch (TokenTimes.of(token.claims())) {
            case TokenTimes.Unreadable(TokenFlaw flaw) -> done(invalid(flaw));
            case TokenTimes.Found(TokenTimes times) -> {
                var flaw = times.flawAt(clock.instant());
                yield flaw == null
                        ? issuer.keys()
                                .verify(token, issuer.algorithms())
                                .thenApply(it -> judge(it, issuer, times, hash))
                        : done(untimely(flaw));
            }
        };
    }

    /**
     * What has expired is told apart before its signature is looked at: nobody who guesses sends
     * it, for it could not let him in.
     */
    private static Verdict untimely(TokenFlaw flaw) {
        return flaw == TokenFlaw.EXPIRED ? new Flawed(flaw, Reason.TOKEN_EXPIRED) : invalid(flaw);
    }

    private Verdict judge(
            Verification verification, Accepted issuer, TokenTimes times, String hash) {
        return switch (verification) {
            case Verification.Unavailable() -> new Unjudged();
            case Verification.Refused(TokenFlaw flaw) -> invalid(flaw);
            case Verification.Verified(VerifiedJwt token) -> name(token, issuer, times, hash);
        };
    }

    private Verdict name(VerifiedJwt token, Accepted issuer, TokenTimes times, String hash) {
        var config = issuer.config();
        return switch (TokenUser.of(token.claims(), config.userClaim(), config.groupsClaim())) {
            case TokenUser.Unnamed(TokenFlaw flaw) -> invalid(flaw);
            case TokenUser.Named(var user, var groups) -> {
                var principal =
                        new Principal(
                                user,
                                groups,
                                Principal.Means.TOKEN,
                                config.issuer().toString(),
                                hash.substring(0, HANDLE_CHARACTERS),
                                times.expiry());
                var bound = Confirmation.of(token.claims());
                if (bound == null) {
                    yield invalid(TokenFlaw.BOUND_TO_KEY);
                }
                var seen =
                        new Known(
                                new Good(principal, bound),
                                new Good(late(principal, times), bound),
                                times,
                                token.key(),
                                issuer.keys());
                known.put(hash, seen);
                yield seen.at(clock.instant());
            }
        };
    }

    /**
     * What begins with a token ends when the token does; the leeway is for what begins later, by an
     * issuer's clock that is behind.
     */
    private static Principal late(Principal principal, TokenTimes times) {
        return principal.endingAt(times.expiry().plus(TokenTimes.LEEWAY));
    }

    private static Verdict invalid(TokenFlaw flaw) {
        return new Flawed(flaw, Reason.TOKEN_INVALID);
    }

    private static CompletionStage<Verdict> done(Verdict verdict) {
        return CompletableFuture.completedStage(verdict);
    }

    private static String hash(String token) {
        return BASE64URL.encodeToString(Sha256.of(token));
    }
}
