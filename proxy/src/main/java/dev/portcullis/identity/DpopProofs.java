package dev.portcullis.identity;

import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.RequestHead;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Checks that whoever presents a bound token holds its key, by a proof made for this very request
 * (RFC 9449 §4.3). The proof brings its key along, which is believed only because the token names
 * that key's thumbprint. Any thread; never blocks.
 */
public final class DpopProofs {
    /** How far a proof's {@code iat} may be from our clock, in either direction. */
    static final Duration WINDOW = Duration.ofSeconds(60);

    private static final int ID_CHARACTERS_MAX = 256;
    private static final Set<String> UNDERSTOOD = Set.of("typ", "alg", "jwk", "kid");
    private static final Set<SignatureAlgorithm> ALGORITHMS =
            SignatureAlgorithm.allNamed(
                    Set.of("RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"));

    private final String origin;
    private final UsedOnce used;
    private final InstantSource clock;

    /**
     * @param origin that proofs are made for
     * @param used remembers proofs, so that each counts once
     * @param clock wall-clock time
     */
    public DpopProofs(PublicOrigin origin, UsedOnce used, InstantSource clock) {
        this.origin = origin.origin();
        this.used = used;
        this.clock = clock;
    }

    /**
     * What speaks against the proof on a request; completes with null if nothing does. Fails if it
     * cannot be known whether it was used before.
     *
     * @param tokenHash SHA-256 of the token it goes with, in base64url
     * @param thumbprint of the key that the token is bound to
     */
    CompletionStage<@Nullable TokenFlaw> flawIn(
            RequestHead head, String tokenHash, String thumbprint) {
        var fields = head.fields().all("dpop");
        if (fields.size() != 1) {
            return CompletableFuture.completedStage(TokenFlaw.PROOF_MISSING);
        }
        var text = fields.getFirst();
        if (CompactForm.flawIn(text) != null) {
            return CompletableFuture.completedStage(TokenFlaw.PROOF_MALFORMED);
        }
        var form = CompactForm.of(text);
        var header = StrictJson.object(form.headerBytes());
        var claims = StrictJson.object(form.payloadBytes());
        if (header.isEmpty() || claims.isEmpty()) {
            return CompletableFuture.completedStage(TokenFlaw.PROOF_MALFORMED);
        }
        var flaw = headerFlaw(header.get(), form, thumbprint);
        if (flaw == null) {
            flaw = claimsFlaw(claims.get(), head, tokenHash);
        }
        return flaw == null
                ? used(claims.get(), thumbprint)
                : CompletableFuture.completedStage(flaw);
    }

    private static @Nullable TokenFlaw headerFlaw(
            JsonObject header, CompactForm form, String thumbprint) {
        var type = header.text("typ");
        if (type == null || !type.toLowerCase(Locale.ROOT).equals("dpop+jwt")) {
            return TokenFlaw.PROOF_TYPE;
        }
        if (!UNDERSTOOD.containsAll(header.members().keySet())) {
            return TokenFlaw.PROOF_MALFORMED;
        }
        var key = ProofKey.of(header);
        if (key == null || !key.thumbprint().equals(thumbprint)) {
            return TokenFlaw.PROOF_KEY;
        }
        return isSigned(header.text("alg"), key.key(), form) ? null : TokenFlaw.PROOF_SIGNATURE;
    }

    private static boolean isSigned(@Nullable String named, SigningKey key, CompactForm form) {
        var algorithm = SignatureAlgorithm.named(Objects.requireNonNullElse(named, ""));
        return algorithm.isPresent()
                && ALGORITHMS.contains(algorithm.get())
                && key.fits(algorithm.get())
                && algorithm.get().verifies(key, form.signedBytes(), form.signatureBytes());
    }

    private @Nullable TokenFlaw claimsFlaw(JsonObject claims, RequestHead head, String tokenHash) {
        if (!head.method().name().equals(claims.text("htm"))) {
            return TokenFlaw.PROOF_METHOD;
        }
        var target = claims.text("htu");
        if (target == null || !isFor(target, head)) {
            return TokenFlaw.PROOF_TARGET;
        }
        if (!tokenHash.equals(claims.text("ath"))) {
            return TokenFlaw.PROOF_TOKEN;
        }
        var id = claims.text("jti");
        if (id == null || id.isEmpty() || id.length() > ID_CHARACTERS_MAX) {
            return TokenFlaw.PROOF_ID;
        }
        var madeAt = TokenTimes.instant(claims, "iat");
        return madeAt == null
                        || Duration.between(madeAt, clock.instant()).abs().compareTo(WINDOW) > 0
                ? TokenFlaw.PROOF_TIME
                : null;
    }

    /** Without query and fragment, on either side (RFC 9449 §4.3 step 9). */
    private boolean isFor(String target, RequestHead head) {
        int end = target.length();
        for (char stop : new char[] {'?', '#'}) {
            int at = target.indexOf(stop);
            end = at < 0 ? end : Math.min(end, at);
        }
        return target.substring(0, end).equals(origin + head.target().path());
    }

    private CompletionStage<@Nullable TokenFlaw> used(JsonObject claims, String thumbprint) {
        Instant now = clock.instant();
        var id = String.valueOf(claims.text("jti"));
        return used.firstUse("dpop:" + thumbprint, id, now, now.plus(WINDOW.multipliedBy(2)))
                .thenApply(first -> first ? null : TokenFlaw.PROOF_REPLAYED);
    }
}
