package dev.portcullis.identity;

import dev.portcullis.identity.JsonValue.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys one issuer has published for checking signatures (RFC 7517 §5). Immutable. */
final class KeySet {
    private static final int KEYS_MAX = 100;

    private final List<SigningKey> keys;

    private KeySet(List<SigningKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * The usable keys of a published set; the others are left out (RFC 7517 §5: "should ignore").
     * May be none: an issuer that takes all its keys back is heard.
     *
     * @return empty if this is no key set at all
     */
    static Optional<KeySet> of(JsonObject document) {
        if (!(document.get("keys") instanceof Array(List<JsonValue> items))
                || items.size() > KEYS_MAX) {
            return Optional.empty();
        }
        var keys = new ArrayList<SigningKey>();
        for (var item : items) {
            if (item instanceof JsonObject jwk) {
                PublishedKey.usable(jwk).ifPresent(keys::add);
            }
        }
        return Optional.of(new KeySet(keys));
    }

    /** Whether this very key is still among them. */
    boolean contains(SigningKey key) {
        return keys.contains(key);
    }

    int size() {
        return keys.size();
    }

    /** Whether one of these keys signed the token, by one of these algorithms. */
    Verification verify(UnverifiedJwt token, Set<SignatureAlgorithm> allowed) {
        var algorithm = SignatureAlgorithm.named(token.algorithm());
        if (algorithm.isEmpty() || !allowed.contains(algorithm.get())) {
            return new Verification.Refused(TokenFlaw.ALGORITHM_NOT_ALLOWED);
        }
        var named = named(token.keyId());
        if (named.isEmpty()) {
            return new Verification.Refused(TokenFlaw.KEY_UNKNOWN);
        }
        var fitting = named.stream().filter(key -> key.fits(algorithm.get())).toList();
        return switch (fitting.size()) {
            case 0 -> new Verification.Refused(TokenFlaw.ALGORITHM_NOT_ALLOWED);
            case 1 -> verify(token, algorithm.get(), fitting.getFirst());
            default -> new Verification.Refused(TokenFlaw.KEY_AMBIGUOUS);
        };
    }

    /**
     * A token that names no key may be signed by any, if it is clear by which (RFC 7515 §4.1.4).
     */
    private List<SigningKey> named(@Nullable String keyId) {
        return keyId == null
                ? keys
                : keys.stream().filter(key -> Objects.equals(key.keyId(), keyId)).toList();
    }

    private static Verification verify(
            UnverifiedJwt token, SignatureAlgorithm algorithm, SigningKey key) {
        var form = token.form();
        return algorithm.verifies(key, form.signedBytes(), form.signatureBytes())
                ? new Verification.Verified(new VerifiedJwt(token, key))
                : new Verification.Refused(TokenFlaw.SIGNATURE);
    }
}
