package dev.portcullis.identity;

import dev.portcullis.access.UserName;
import dev.portcullis.config.Secret;
import dev.portcullis.runtime.Sha256;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One machine's way in, as it is kept: its secret only as SHA-256, which is enough for 256 random
 * bits and for nothing that a person thought up.
 *
 * @param id names the token on the wire, in lists and in the audit
 * @param name what people call the machine
 * @param secretHash SHA-256 of the secret, in lower-case hex
 * @param createdAt when it was made
 * @param until when it stops to hold, or null for never
 */
public record ServiceToken(
        String id, String name, String secretHash, Instant createdAt, @Nullable Instant until) {
    /** What a name may look like. */
    public static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final String USER_PREFIX = "service-token:";
    private static final int ID_BYTES = 8;
    private static final int SECRET_BYTES = 32;

    public ServiceToken {
        if (!ID.matcher(id).matches()
                || !NAME.matcher(name).matches()
                || !HASH.matcher(secretHash).matches()) {
            throw new IllegalArgumentException("not a service token");
        }
    }

    /**
     * A token that was just made.
     *
     * @param token what is kept
     * @param secret what its owner gets, once
     */
    public record Issued(ServiceToken token, Secret secret) {}

    /** Makes one. */
    public static Issued issue(
            String name, Instant now, @Nullable Instant until, SecureRandom random) {
        var id = new byte[ID_BYTES];
        var bytes = new byte[SECRET_BYTES];
        random.nextBytes(id);
        random.nextBytes(bytes);
        var secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        var hex = HexFormat.of();
        var token =
                new ServiceToken(
                        hex.formatHex(id), name, hex.formatHex(Sha256.of(secret)), now, until);
        return new Issued(token, new Secret(secret));
    }

    /** Whether that is its secret; takes as long for a near miss as for any other. */
    boolean opensWith(String secret) {
        return MessageDigest.isEqual(HexFormat.of().parseHex(secretHash), Sha256.of(secret));
    }

    /** The boundary itself is outside: at {@code until} it is over. */
    public boolean holdsAt(Instant now) {
        return until == null || now.isBefore(until);
    }

    /** The name of its connections in the index of what must close, and in the audit. */
    public String handle() {
        return id;
    }

    /** What a machine of that name is called where a user's name stands otherwise. */
    public static UserName userName(String name) {
        return new UserName(USER_PREFIX + name);
    }

    /** Who is calling, for the audit and for what is counted by caller; the Gateway is not told. */
    Principal principal() {
        return new Principal(
                userName(name), Set.of(), Principal.Means.SERVICE_TOKEN, null, handle(), until);
    }

    /** The hash stays out: nothing good comes of it in a log. */
    @Override
    public String toString() {
        return "ServiceToken[" + id + " " + name + "]";
    }
}
