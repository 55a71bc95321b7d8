package dev.portcullis.state;

import dev.portcullis.session.SignInState;
import dev.portcullis.state.StateFile.Kind;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that a store keeps, in memory, and as the records of a file. Any thread, but for {@link
 * #load}.
 */
final class KeptState implements StateWriter.Truth {
    private static final Logger LOG = LoggerFactory.getLogger(KeptState.class);
    private static final int CREDIT_PER_IDLE = 10;

    final SessionTable sessions;
    final SignInTable signIns;
    final ExpiringIds used;
    final ExpiringIds revoked;
    final ExpiringIds leases;
    private volatile BiConsumer<Kind, String> onGone = (kind, key) -> {};

    KeptState(StoreSizes sizes, LongSupplier nanoTime) {
        sessions = new SessionTable(sizes.sessions(), nanoTime);
        signIns =
                new SignInTable(
                        sizes.signIns(),
                        sizes.signInTime(),
                        nanoTime,
                        state -> gone(Kind.SIGN_IN, state));
        used = new ExpiringIds(sizes.ids(), nanoTime, id -> gone(Kind.USED_ID, id.word()));
        revoked = new ExpiringIds(sizes.ids(), nanoTime, id -> gone(Kind.REVOKED, id.word()));
        leases =
                new ExpiringIds(
                        sizes.ids(), nanoTime); // Not written: whoever held one is gone with us.
    }

    /**
     * Takes up what the file holds, and has the file hold nothing else: what is over is left out,
     * and what an older key sealed is sealed by the newest. Sessions and ids beyond the limits are
     * kept: they were let in under others, and nothing new is taken until there is room again. Of
     * the sign-ins under way the oldest give way.
     *
     * @param onGone told from then on of each record that is let go of because of its age, or to
     *     make room
     */
    void load(StateFile file, Instant now, BiConsumer<Kind, String> onGone) throws IOException {
        this.onGone = file::remove;
        boolean aged = false;
        var underWay = new TreeMap<String, SignInState>();
        for (var kind : Kind.values()) {
            var over = new ArrayList<String>();
            aged |=
                    file.load(
                            kind,
                            (key, content) -> {
                                if (!take(kind, key, content, now, underWay)) {
                                    over.add(key);
                                }
                            });
            over.forEach(key -> file.remove(kind, key));
        }
        takeSignIns(underWay, now);
        if (aged) {
            for (var kind : Kind.values()) {
                keys(kind).toList().forEach(key -> seal(file, kind, key));
            }
        }
        file.commit();
        this.onGone = onGone;
        if (sessions.isOverfull() || used.isOverfull() || revoked.isOverfull()) {
            LOG.atWarn()
                    .addKeyValue("sessions", sessions.size())
                    .addKeyValue("usedIds", used.size())
                    .addKeyValue("revokedIds", revoked.size())
                    .log("more is kept than the limits allow: it stays, and nothing new is taken");
        }
    }

    private void gone(Kind kind, String key) {
        onGone.accept(kind, key);
    }

    private boolean take(
            Kind kind, String key, byte[] content, Instant now, Map<String, SignInState> underWay)
            throws IOException {
        return switch (kind) {
            case SESSION -> takeSession(key, Records.session(content), now);
            case SIGN_IN -> {
                underWay.put(key, Records.signIn(content));
                yield true;
            }
            case USED_ID -> used.takeUp(ExpiringIds.Id.of(key), now, Records.instant(content));
            case REVOKED -> revoked.takeUp(ExpiringIds.Id.of(key), now, Records.instant(content));
        };
    }

    /**
     * It may have been used after that was written: a tenth of the idle lifetime is given to it.
     */
    private boolean takeSession(String key, Records.Kept kept, Instant now) {
        var credited = kept.lastUsed().plus(kept.session().idle().dividedBy(CREDIT_PER_IDLE));
        var lastUsed = credited.isAfter(now) ? now : credited;
        return kept.session().deadline(lastUsed).isAfter(now)
                && sessions.takeUp(key, kept.session(), lastUsed, now);
    }

    /** The oldest first: they give way first, now and later. */
    private void takeSignIns(Map<String, SignInState> underWay, Instant now) {
        underWay.entrySet().stream()
                .sorted(Comparator.comparing(entry -> entry.getValue().startedAt()))
                .forEach(entry -> signIns.takeUp(entry.getKey(), entry.getValue(), now));
        signIns.removeExpired();
    }

    private void seal(StateFile file, Kind kind, String key) {
        var content = content(kind, key);
        if (content != null) {
            file.put(kind, key, content);
        }
    }

    @Override
    public byte @Nullable [] content(Kind kind, String key) {
        return switch (kind) {
            case SESSION -> {
                var entry = sessions.byKey(key);
                yield entry == null ? null : Records.of(entry.session, entry.lastUsed);
            }
            case SIGN_IN -> {
                var signIn = signIns.peek(key);
                yield signIn == null ? null : Records.of(signIn);
            }
            case USED_ID -> until(used, key);
            case REVOKED -> until(revoked, key);
        };
    }

    private static byte @Nullable [] until(ExpiringIds ids, String word) {
        var until = ids.until(ExpiringIds.Id.of(word));
        return until == null ? null : Records.of(until);
    }

    @Override
    public Stream<String> keys(Kind kind) {
        return switch (kind) {
            case SESSION -> sessions.keys();
            case SIGN_IN -> signIns.states();
            case USED_ID -> used.ids().map(ExpiringIds.Id::word);
            case REVOKED -> revoked.ids().map(ExpiringIds.Id::word);
        };
    }

    /** The keys of sessions whose last use is not written yet. */
    List<String> unsavedSessions() {
        return sessions.keys()
                .filter(key -> {
                    var entry = sessions.byKey(key);
                    return entry != null && entry.isBehind();
                })
                .toList();
    }
}
