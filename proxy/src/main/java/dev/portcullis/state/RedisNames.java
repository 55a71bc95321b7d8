package dev.portcullis.state;

import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.metrics.Bucket;
import dev.portcullis.runtime.Sha256;
import java.util.Base64;

/**
 * What we call things in Redis. All of it stands under our own public origin, so that two fleets on
 * one Redis never meet. What a provider named is hashed: a name is not a secret, but it tells.
 *
 * @param prefix ends with a colon
 */
record RedisNames(String prefix) {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    /** For that public origin. */
    static RedisNames of(String origin) {
        return new RedisNames("portcullis:" + hash(origin).substring(0, 16) + ":");
    }

    String session(String key) {
        return prefix + "session:" + key;
    }

    /** Points from a session's reference to its key. */
    String reference(String reference) {
        return prefix + "reference:" + reference;
    }

    /** The keys of all sessions, by when they are over. */
    String sessions() {
        return prefix + "sessions";
    }

    /** The keys of the sessions of one person at the provider. */
    String subject(String issuer, String subject) {
        return prefix + "subject:" + hash(issuer + "\n" + subject);
    }

    /** The keys of the sessions of one session at the provider. */
    String providerSession(String issuer, String sid) {
        return prefix + "sid:" + hash(issuer + "\n" + sid);
    }

    String signInPrefix() {
        return prefix + "sign-in:";
    }

    /** All sign-ins under way, by when they are over. */
    String signIns() {
        return prefix + "sign-ins";
    }

    /** The sign-ins of one browser. */
    String browser(String browser) {
        return prefix + "browser:" + browser;
    }

    String usedId(String scope, String id) {
        return prefix + "used:" + hash(scope + "\n" + id);
    }

    String revoked(String scope, String id) {
        return prefix + "revoked:" + hash(scope + "\n" + id);
    }

    String lease(String reference) {
        return prefix + "lease:" + reference;
    }

    /**
     * The bucket of one client; of another size it is another bucket.
     *
     * @param client hashed: addresses and users are nobody's business there
     */
    String rate(Bucket limit, RateLimitConfig config, String client) {
        return "%srate:%s:%d-%d:%s"
                .formatted(
                        prefix, limit.id(), config.ratePerSecond(), config.burst(), hash(client));
    }

    /** The failures of one client. */
    String failures(String client) {
        return prefix + "failures:" + hash(client);
    }

    /** Where the fleet says what happened to sessions. */
    String channel() {
        return prefix + "changes";
    }

    private static String hash(String text) {
        return BASE64URL.encodeToString(Sha256.of(text));
    }
}
