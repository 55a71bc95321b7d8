package dev.portcullis.state;

import dev.portcullis.session.SignInState;
import io.lettuce.core.SetArgs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The part of the Redis store that is no session: sign-ins under way, ids used once, leases. */
final class RedisIds {
    private static final byte[] THERE = {'1'};
    private static final int SIGN_INS_PER_BROWSER = 5;

    private final RedisLink link;
    private final SealingKeys keys;
    private final RedisNames names;
    private final StoreSizes sizes;

    RedisIds(RedisLink link, SealingKeys keys, RedisNames names, StoreSizes sizes) {
        this.link = link;
        this.keys = keys;
        this.names = names;
        this.sizes = sizes;
    }

    CompletionStage<Void> putSignIn(String state, SignInState signIn) {
        var ends = signIn.startedAt().plus(sizes.signInTime());
        var sealed = keys.seal(StateFile.Kind.SIGN_IN.map, state, Records.of(signIn));
        String[] where = {
            names.signInPrefix() + state, names.signIns(), names.browser(signIn.browser())
        };
        return link.run(
                        RedisScripts.PUT_SIGN_IN,
                        where,
                        bytes(state),
                        sealed,
                        bytes(ends.toEpochMilli()),
                        bytes(sizes.signIns()),
                        bytes(SIGN_INS_PER_BROWSER),
                        bytes(names.signInPrefix()),
                        bytes(signIn.startedAt().toEpochMilli()))
                .thenAccept(done -> {});
    }

    CompletionStage<Optional<SignInState>> takeSignIn(String state, Instant now) {
        return link.call(redis -> redis.getdel(names.signInPrefix() + state))
                .thenApply(found -> signIn(state, found))
                .thenApply(found ->
                        found.filter(signIn ->
                                now.isBefore(signIn.startedAt().plus(sizes.signInTime()))));
    }

    private Optional<SignInState> signIn(String state, byte @Nullable [] sealed) {
        if (sealed == null) {
            return Optional.empty();
        }
        return switch (keys.open(StateFile.Kind.SIGN_IN.map, state, sealed)) {
            case SealingKeys.Opened.Content content -> read(content.toArray());
            case SealingKeys.Opened.Damaged() -> Optional.empty();
            case SealingKeys.Opened.KeyMissing(var keyId) ->
                    throw new IllegalStateException("sealed with key " + keyId + ", not ours");
        };
    }

    private static Optional<SignInState> read(byte[] content) {
        try {
            return Optional.of(Records.signIn(content));
        } catch (IOException notOurs) {
            return Optional.empty();
        }
    }

    CompletionStage<Boolean> firstUse(String scope, String id, Instant now, Instant until) {
        if (!until.isAfter(now)) {
            return CompletableFuture.completedStage(false); // Redis would not keep it.
        }
        return link.call(redis ->
                        redis.set(names.usedId(scope, id), THERE, SetArgs.Builder.nx().pxAt(until)))
                .thenApply("OK"::equals);
    }

    CompletionStage<Void> revoke(String scope, String id, Instant until) {
        return link.call(redis ->
                        redis.set(names.revoked(scope, id), THERE, SetArgs.Builder.pxAt(until)))
                .thenAccept(done -> {});
    }

    CompletionStage<Boolean> isRevoked(String scope, String id) {
        return link.call(redis -> redis.exists(names.revoked(scope, id)))
                .thenApply(count -> count > 0);
    }

    CompletionStage<Boolean> tryLease(String reference, String holder, Instant until) {
        String[] where = {names.lease(reference)};
        return link.run(RedisScripts.LEASE, where, bytes(holder), bytes(until.toEpochMilli()))
                .thenApply(got -> got == 1);
    }

    CompletionStage<Void> release(String reference, String holder) {
        String[] where = {names.lease(reference)};
        return link.run(RedisScripts.RELEASE, where, bytes(holder)).thenAccept(done -> {});
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }
}
