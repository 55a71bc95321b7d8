package dev.portcullis.state;

import dev.portcullis.session.Session;
import dev.portcullis.session.SignInState;
import dev.portcullis.state.StateFile.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sessions, sign-ins, used and revoked ids in memory, and each change of them in a sealed file
 * before its stage is done: a restart signs nobody out, and brings back nobody who left. Looking up
 * never meets the disk.
 *
 * <p>When a session was last used is written at most each twentieth of its idle lifetime. After a
 * restart it is taken to have been used a tenth of it later than was written: nobody is signed out
 * too early, and nobody lives a moment longer than the absolute lifetime.
 */
public final class FileSessionStore implements OpenStore {
    private static final CompletionStage<Boolean> YES = CompletableFuture.completedStage(true);
    private static final CompletionStage<Boolean> NO = CompletableFuture.completedStage(false);
    private static final CompletionStage<Optional<Session>> NO_SESSION =
            CompletableFuture.completedStage(Optional.empty());

    private final KeptState kept;
    private final StateWriter writer;

    private FileSessionStore(StateFile file, StoreSizes sizes, Instant now, LongSupplier nanoTime)
            throws IOException {
        kept = new KeptState(sizes, nanoTime);
        kept.load(file, now, this::gone);
        writer = new StateWriter(file, kept, sizes.changesMax());
    }

    /**
     * Opens what is kept in that folder, or begins.
     *
     * @param directory made with mode 0700 if it is not there
     * @param keyFile made with one new key if neither it nor anything sealed is there
     * @param now wall-clock time: what is over is not taken up
     * @param nanoTime monotonic time, such as {@code System::nanoTime}
     * @throws IOException says in one line what is wrong
     */
    public static FileSessionStore open(
            Path directory, Path keyFile, StoreSizes sizes, Instant now, LongSupplier nanoTime)
            throws IOException {
        PrivateFiles.folder(directory);
        var file = StateFile.open(directory, nothingSealed -> keys(keyFile, nothingSealed));
        try {
            return new FileSessionStore(file, sizes, now, nanoTime);
        } catch (IOException | RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    private static SealingKeys keys(Path keyFile, boolean nothingSealed) throws IOException {
        if (nothingSealed && !PrivateFiles.isThere(keyFile)) {
            KeyFile.create(keyFile);
        }
        return KeyFile.read(keyFile);
    }

    // ---- sessions

    @Override
    public CompletionStage<Boolean> put(String key, Session session) {
        if (!kept.sessions.add(key, session)) {
            return NO;
        }
        return writer.save(Kind.SESSION, key)
                .handle((saved, failure) -> {
                    if (failure != null) {
                        kept.sessions.remove(key); // Nobody holds its secret yet.
                        throw new IllegalStateException(failure);
                    }
                    return true;
                });
    }

    @Override
    public CompletionStage<Optional<Session>> use(String key, Instant now) {
        var entry = kept.sessions.use(key, now);
        if (entry == null) {
            return NO_SESSION;
        }
        saveUse(entry);
        return CompletableFuture.completedStage(Optional.of(entry.session));
    }

    @Override
    public CompletionStage<Boolean> touch(String reference, Instant now) {
        var entry = kept.sessions.touch(reference, now);
        if (entry == null) {
            return NO;
        }
        saveUse(entry);
        return YES;
    }

    /** Waited for by nobody: a use that is not written is one that came a little earlier. */
    private void saveUse(SessionEntry entry) {
        if (entry.wantsSaving()) {
            var _ = writer.save(Kind.SESSION, entry.key);
        }
    }

    @Override
    public CompletionStage<Optional<Session>> find(String reference, Instant now) {
        return CompletableFuture.completedStage(
                SessionTable.sessionOf(kept.sessions.find(reference)));
    }

    @Override
    public CompletionStage<List<Listed>> list(Instant now) {
        return CompletableFuture.completedStage(kept.sessions.list());
    }

    @Override
    public CompletionStage<List<Session>> byProviderSession(String issuer, String sid) {
        return CompletableFuture.completedStage(kept.sessions.byProviderSession(issuer, sid));
    }

    @Override
    public CompletionStage<List<Session>> bySubject(String issuer, String subject) {
        return CompletableFuture.completedStage(kept.sessions.bySubject(issuer, subject));
    }

    @Override
    public CompletionStage<Boolean> replace(Session before, Session after) {
        var entry = kept.sessions.replace(before, after);
        return entry == null ? NO : writer.save(Kind.SESSION, entry.key).thenApply(saved -> true);
    }

    @Override
    public CompletionStage<Optional<Session>> remove(String key) {
        return removed(kept.sessions.remove(key));
    }

    @Override
    public CompletionStage<Optional<Session>> removeByReference(String reference) {
        return removed(kept.sessions.removeByReference(reference));
    }

    /**
     * It is over for everybody who asks, whatever the disk does; a disk that fails is said in the
     * log and at {@code /ready}, and is brought up to date when it works again.
     */
    private CompletionStage<Optional<Session>> removed(@Nullable SessionEntry entry) {
        if (entry == null) {
            return NO_SESSION;
        }
        return writer.save(Kind.SESSION, entry.key)
                .handle((saved, failure) -> Optional.of(entry.session));
    }

    @Override
    public CompletionStage<List<Session>> removeExpired(Instant now) {
        kept.signIns.removeExpired();
        var ended = kept.sessions.takeExpired();
        ended.forEach(entry -> gone(Kind.SESSION, entry.key));
        return CompletableFuture.completedStage(
                ended.stream().map(entry -> entry.session).toList());
    }

    /** No other process has this file: there is nothing to tell. */
    @Override
    public void onChange(Listener listener) {}

    // ---- sign-ins under way

    @Override
    public CompletionStage<Void> putSignIn(String state, SignInState signIn) {
        kept.signIns.put(state, signIn);
        return writer.save(Kind.SIGN_IN, state);
    }

    @Override
    public CompletionStage<Optional<SignInState>> takeSignIn(String state, Instant now) {
        var taken = kept.signIns.take(state);
        return writer.save(Kind.SIGN_IN, state).thenApply(saved -> taken);
    }

    // ---- what must not happen twice

    @Override
    public CompletionStage<Boolean> firstUse(String scope, String id, Instant now, Instant until) {
        var used = new ExpiringIds.Id(scope, id);
        return CompletableFuture.completedStage(used)
                .thenApply(it -> kept.used.add(it, now, until))
                .thenCompose(first -> first ? saved(Kind.USED_ID, used) : NO);
    }

    @Override
    public CompletionStage<Void> revoke(String scope, String id, Instant now, Instant until) {
        var revoked = new ExpiringIds.Id(scope, id);
        return CompletableFuture.completedStage(revoked)
                .thenAccept(it -> kept.revoked.keep(it, now, until))
                .thenCompose(done -> writer.save(Kind.REVOKED, revoked.word()));
    }

    private CompletionStage<Boolean> saved(Kind kind, ExpiringIds.Id id) {
        return writer.save(kind, id.word()).thenApply(done -> true);
    }

    @Override
    public CompletionStage<Boolean> isRevoked(String scope, String id, Instant now) {
        return kept.revoked.contains(new ExpiringIds.Id(scope, id), now) ? YES : NO;
    }

    @Override
    public CompletionStage<Boolean> tryLease(
            String reference, String holder, Instant now, Instant until) {
        return CompletableFuture.completedStage(new ExpiringIds.Id("", reference))
                .thenApply(it -> kept.leases.lease(it, holder, now, until));
    }

    @Override
    public CompletionStage<Void> release(String reference, String holder) {
        kept.leases.release(new ExpiringIds.Id("", reference), holder);
        return CompletableFuture.completedStage(null);
    }

    // ---- itself

    @Override
    public int sessionCount() {
        return kept.sessions.size();
    }

    @Override
    public Optional<String> trouble() {
        return writer.healthy()
                ? Optional.empty()
                : Optional.of("the session file cannot be written");
    }

    private void gone(Kind kind, String key) {
        var _ = writer.save(kind, key);
    }

    @Override
    public void close() {
        kept.unsavedSessions().forEach(key -> gone(Kind.SESSION, key));
        writer.close();
    }
}
