package dev.portcullis.demo;

import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What the provider remembers, in memory, under ids of 256 random bits. Any thread. */
final class ProviderState {
    /** More than any test or demo needs, and not more than fits. */
    private static final int ENTRIES_MAX = 10_000;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, AuthenticationRequest> waiting = new ConcurrentHashMap<>();
    private final Map<String, SignedIn> sessions = new ConcurrentHashMap<>();
    private final Map<String, Code> codes = new ConcurrentHashMap<>();
    private final Map<String, DevelopmentUser> accessTokens = new ConcurrentHashMap<>();

    /**
     * Somebody at a browser.
     *
     * @param sid the session's public name, in ID tokens
     */
    record SignedIn(DevelopmentUser user, String sid, Instant since) {}

    /** A code and what it was given out for. */
    record Code(AuthenticationRequest request, SignedIn session, Instant issued) {}

    String newId() {
        var bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    String keepWaiting(AuthenticationRequest request) {
        return put(waiting, request);
    }

    /** Once only: a page sent twice signs in once. */
    Optional<AuthenticationRequest> takeWaiting(String id) {
        return Optional.ofNullable(waiting.remove(id));
    }

    String open(SignedIn session) {
        return put(sessions, session);
    }

    Optional<SignedIn> session(String id) {
        return Optional.ofNullable(sessions.get(id));
    }

    void close(String sid) {
        sessions.values().removeIf(session -> session.sid().equals(sid));
    }

    void closeAll() {
        sessions.clear();
    }

    String keepCode(Code code) {
        return put(codes, code);
    }

    /** Once only, RFC 6749 §4.1.2. */
    Optional<Code> takeCode(String id) {
        return Optional.ofNullable(codes.remove(id));
    }

    String issueAccessToken(DevelopmentUser user) {
        return put(accessTokens, user);
    }

    Optional<DevelopmentUser> holder(String accessToken) {
        return Optional.ofNullable(accessTokens.get(accessToken));
    }

    private <T> String put(Map<String, T> map, T value) {
        if (map.size() >= ENTRIES_MAX) {
            map.clear();
        }
        var id = newId();
        map.put(id, value);
        return id;
    }
}
