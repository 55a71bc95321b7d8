package dev.portcullis.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that survives us: maps of sealed records in an H2 MVStore, mode 0600. Blocks; one thread
 * at a time. {@code docs/decisions/0004-where-sessions-live.md} says why this store.
 */
final class StateFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);
    private static final String NAME = "sessions.mv";
    private static final int CACHE_MEBIBYTES = 1;
    private static final int FILL_PERCENT = 70;
    private static final int COMPACTED_BYTES = 1 << 20;

    /** The maps there are; their names are part of what is sealed. */
    enum Kind {
        SESSION("sessions"),
        SIGN_IN("sign-ins"),
        USED_ID("used-ids"),
        REVOKED("revoked");

        final String map;

        Kind(String map) {
            this.map = map;
        }
    }

    /** Takes one opened record. */
    @FunctionalInterface
    interface Loading {
        /**
         * Once for each record.
         *
         * @throws IOException if this is no record of that kind
         */
        void accept(String key, byte[] content) throws IOException;
    }

    private final Path file;
    private final SealingKeys keys;
    private MVStore store;

    private StateFile(Path file, MVStore store, SealingKeys keys) {
        this.file = file;
        this.keys = keys;
        this.store = store;
    }

    /** Where the keys are from. */
    @FunctionalInterface
    interface Keys {
        /**
         * Asked once the file is ours: no other process makes keys for it meanwhile.
         *
         * @param nothingSealed whether there is no record yet, so that new keys open all there is
         */
        SealingKeys of(boolean nothingSealed) throws IOException;
    }

    /**
     * Opens the folder's file, or makes it.
     *
     * @param directory mode 0700
     * @throws IOException says in one line what is wrong
     */
    static StateFile open(Path directory, Keys keys) throws IOException {
        var file = directory.resolve(NAME);
        PrivateFiles.file(file);
        var store = openStore(file);
        try {
            return new StateFile(file, store, keys.of(isEmpty(store)));
        } catch (IOException | RuntimeException failure) {
            store.close();
            throw failure;
        }
    }

    private static boolean isEmpty(MVStore store) {
        return Arrays.stream(Kind.values())
                .allMatch(kind -> !store.hasMap(kind.map) || store.openMap(kind.map).isEmpty());
    }

    private static MVStore openStore(Path file) throws IOException {
        try {
            return new MVStore.Builder()
                    .fileName(file.toString())
                    .autoCommitDisabled()
                    .cacheSize(CACHE_MEBIBYTES)
                    .open();
        } catch (MVStoreException failure) {
            throw failure.getErrorCode() == DataUtils.ERROR_FILE_LOCKED
                    ? new IOException(file + ": found it in use (expected: one process at a time)")
                    : new IOException(
                            file
                                    + ": cannot be read, damaged? (expected: the file as it was"
                                    + " written, or none: without it everybody signs in anew)",
                            failure);
        }
    }

    /**
     * Reads every record of a kind. One that does not open, or is none, is named in the log and
     * taken out: its owner signs in anew, and nobody gets what is in it.
     *
     * @return whether any was sealed by another key than the sealing one
     * @throws IOException if a record's key is missing: it may be found again
     */
    boolean load(Kind kind, Loading loading) throws IOException {
        boolean aged = false;
        var map = map(kind);
        for (var key : List.copyOf(map.keySet())) { // Damaged ones go meanwhile.
            var sealed = Objects.requireNonNull(map.get(key));
            switch (keys.open(kind.map, key, sealed)) {
                case SealingKeys.Opened.Content content -> {
                    aged |= content.aged();
                    load(kind, key, content.toArray(), loading);
                }
                case SealingKeys.Opened.Damaged() -> dropDamaged(kind, key, "does not open");
                case SealingKeys.Opened.KeyMissing(var keyId) ->
                        throw new IOException(
                                "%s: found a record sealed with key %s, which is not among the keys (expected: its line in the key file, until it has been read once more)"
                                        .formatted(file, keyId));
            }
        }
        return aged;
    }

    private void load(Kind kind, String key, byte[] content, Loading loading) {
        try {
            loading.accept(key, content);
        } catch (IOException | IllegalArgumentException unreadable) {
            dropDamaged(kind, key, "is not what this release writes");
        }
    }

    private void dropDamaged(Kind kind, String key, String why) {
        LOG.atWarn()
                .addKeyValue("map", kind.map)
                .addKeyValue("record", key.substring(0, Math.min(16, key.length())))
                .log("a stored record {}: taken out", why);
        map(kind).remove(key);
    }

    void put(Kind kind, String key, byte[] content) {
        map(kind).put(key, keys.seal(kind.map, key, content));
    }

    void remove(Kind kind, String key) {
        map(kind).remove(key);
    }

    /** Every key there was when it was asked. */
    List<String> keys(Kind kind) {
        return List.copyOf(map(kind).keySet());
    }

    /** What was done since is on the disk when this returns. */
    void commit() {
        store.commit();
        store.sync();
    }

    /** Gives room back, a piece at a time. */
    void compact() {
        store.compact(FILL_PERCENT, COMPACTED_BYTES);
    }

    /** Lets go of a file that failed, and opens it again as it was at the last commit. */
    void reopen() throws IOException {
        store.closeImmediately();
        store = openStore(file);
    }

    /** Lets go of the file as it was at the last commit. */
    void abandon() {
        store.closeImmediately();
    }

    @Override
    public void close() {
        if (!store.isClosed()) {
            store.close();
        }
    }

    private MVMap<String, byte[]> map(Kind kind) {
        return store.openMap(kind.map);
    }
}
