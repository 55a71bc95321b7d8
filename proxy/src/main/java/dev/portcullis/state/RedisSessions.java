package dev.portcullis.state;

import static dev.portcullis.state.RedisIds.bytes;

import dev.portcullis.session.Session;
import io.lettuce.core.KeyValue;
import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sessions in Redis, as sealed records: no memory of its own, one exchange for each question. */
final class RedisSessions {
    private static final Logger LOG = LoggerFactory.getLogger(RedisSessions.class);

    /** Redis forgets a session that much of its idle lifetime later than it is over. */
    private static final int SLACK_PER_IDLE = 10;

    private final RedisLink link;
    private final SealingKeys keys;
    private final RedisNames names;
    private final String self;

    /**
     * @param self names this process in what it says to the fleet
     */
    RedisSessions(RedisLink link, SealingKeys keys, RedisNames names, String self) {
        this.link = link;
        this.keys = keys;
        this.names = names;
        this.self = self;
    }

    /**
     * A session as Redis has it.
     *
     * @param lastUsed as written there by whoever used it last
     * @param usedHere whether that was this process; if not, the true one may be a twentieth of the
     *     idle lifetime later
     */
    record Found(String key, Session session, Instant lastUsed, boolean usedHere) {
        private static final int CREDIT_PER_IDLE = 20;

        /** The latest that it can have been used, as far as this process knows. */
        Instant lastUsedAtMost() {
            return usedHere ? lastUsed : lastUsed.plus(session.idle().dividedBy(CREDIT_PER_IDLE));
        }
    }

    CompletionStage<Boolean> put(String key, Session session, int sessionsMax) {
        var used = session.startedAt();
        var sid = session.providerSession();
        var subject = names.subject(session.issuer(), session.subject());
        String[] where = {
            names.session(key),
            names.reference(session.reference()),
            names.sessions(),
            subject,
            sid == null ? subject : names.providerSession(session.issuer(), sid)
        };
        return link.run(
                        RedisScripts.PUT,
                        where,
                        bytes(used.toEpochMilli()),
                        bytes(sessionsMax),
                        bytes(key),
                        sealed(key, session),
                        bytes(session.version()),
                        bytes(expiry(session, used)),
                        bytes(session.endsAt().toEpochMilli()),
                        bytes(used.toEpochMilli()),
                        bytes(self),
                        bytes(session.reference()))
                .thenApply(done -> done == 1);
    }

    /** Waited for by nobody. */
    void use(String key, Session session, Instant used) {
        String[] where = {names.session(key), names.sessions()};
        var _ =
                link.run(
                        RedisScripts.USE,
                        where,
                        bytes(key),
                        bytes(used.toEpochMilli()),
                        bytes(expiry(session, used)),
                        bytes(self));
    }

    CompletionStage<Optional<Found>> find(String key) {
        return link.call(redis -> redis.hmget(names.session(key), "r", "u", "w"))
                .thenApply(values -> opened(key, values));
    }

    CompletionStage<Optional<String>> keyOf(String reference) {
        return link.call(redis -> redis.get(names.reference(reference)))
                .thenApply(key -> key == null ? Optional.empty() : Optional.of(text(key)));
    }

    CompletionStage<List<Found>> bySubject(String issuer, String subject) {
        return link.call(redis -> redis.smembers(names.subject(issuer, subject)))
                .thenCompose(this::findAll);
    }

    CompletionStage<List<Found>> byProviderSession(String issuer, String sid) {
        return link.call(redis -> redis.smembers(names.providerSession(issuer, sid)))
                .thenCompose(this::findAll);
    }

    CompletionStage<List<Found>> all() {
        return link.call(redis -> redis.zrangebyscore(names.sessions(), Range.unbounded()))
                .thenCompose(this::findAll);
    }

    CompletionStage<Long> count() {
        return link.call(redis -> redis.zcard(names.sessions()));
    }

    CompletionStage<Boolean> replace(String key, Session before, Session after) {
        String[] where = {names.session(key)};
        return link.run(
                        RedisScripts.REPLACE,
                        where,
                        bytes(before.version()),
                        bytes(after.version()),
                        sealed(key, after),
                        bytes(names.channel()),
                        bytes(word('c', after.reference())))
                .thenApply(done -> done == 1);
    }

    /** Takes it out and tells the fleet. */
    CompletionStage<Optional<Session>> remove(String key) {
        String[] where = {names.session(key), names.sessions()};
        return link.<byte[]>call(redis ->
                        redis.eval(
                                RedisScripts.REMOVE,
                                ScriptOutputType.VALUE,
                                where,
                                bytes(key),
                                bytes(names.reference("")),
                                bytes(names.channel()),
                                bytes(word('e', ""))))
                .thenApply(gone -> gone == null ? Optional.empty() : session(key, gone));
    }

    private String word(char what, String reference) {
        return self + " " + what + " " + reference;
    }

    private CompletionStage<List<Found>> findAll(Collection<byte[]> found) {
        var each = new ArrayList<CompletableFuture<Optional<Found>>>();
        for (var key : found) {
            each.add(find(text(key)).toCompletableFuture());
        }
        return CompletableFuture.allOf(each.toArray(CompletableFuture[]::new))
                .thenApply(done ->
                        each.stream()
                                .flatMap(one -> one.join().stream())
                                .collect(Collectors.toUnmodifiableList()));
    }

    private Optional<Found> opened(String key, List<KeyValue<String, byte[]>> values) {
        var record = values.get(0);
        var used = values.get(1);
        if (!record.hasValue() || !used.hasValue()) {
            return Optional.empty();
        }
        var lastUsed = Instant.ofEpochMilli(Long.parseLong(text(used.getValue())));
        boolean usedHere = values.get(2).hasValue() && text(values.get(2).getValue()).equals(self);
        return session(key, record.getValue())
                .map(session -> new Found(key, session, lastUsed, usedHere));
    }

    private byte[] sealed(String key, Session session) {
        return keys.seal(StateFile.Kind.SESSION.map, key, Records.of(session, session.startedAt()));
    }

    private Optional<Session> session(String key, byte[] sealed) {
        return switch (keys.open(StateFile.Kind.SESSION.map, key, sealed)) {
            case SealingKeys.Opened.Content content -> read(content.toArray());
            case SealingKeys.Opened.Damaged() -> damaged();
            case SealingKeys.Opened.KeyMissing(var keyId) ->
                    throw new IllegalStateException(
                            "found a session sealed with key "
                                    + keyId
                                    + " (expected: one of state.keys)");
        };
    }

    private static Optional<Session> read(byte[] content) {
        try {
            return Optional.of(Records.session(content).session());
        } catch (IOException | IllegalArgumentException notOurs) {
            return damaged();
        }
    }

    private static Optional<Session> damaged() {
        LOG.warn("a session in Redis does not open: its owner signs in anew");
        return Optional.empty();
    }

    private static long expiry(Session session, Instant used) {
        var slack = session.idle().dividedBy(SLACK_PER_IDLE).plus(Duration.ofSeconds(1));
        var end = session.deadline(used).plus(slack);
        var latest = session.endsAt().isBefore(end) ? session.endsAt() : end;
        return latest.toEpochMilli();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
