package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.session.SessionStore;
import dev.portcullis.testing.CapturedLogs;
import dev.portcullis.testing.TimeOfCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSessionStoreTest extends SessionStoreContract {
    private static final StoreSizes SIZES =
            new StoreSizes(SESSIONS_MAX, SIGN_INS_MAX, SIGN_IN_TIME, 100);

    @TempDir Path temp;
    private final TimeOfCalls time = new TimeOfCalls();
    private OpenStore store;

    @BeforeEach
    void open() throws IOException {
        store = opened(START);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Override
    SessionStore store() {
        return store;
    }

    private Path folder() {
        return temp.resolve("state");
    }

    private Path keys() {
        return folder().resolve("keys");
    }

    private OpenStore opened(Instant at) throws IOException {
        return opened(folder(), SIZES, at);
    }

    private OpenStore opened(Path in, StoreSizes sizes, Instant at) throws IOException {
        time.at(at);
        var opened = FileSessionStore.open(in, in.resolve("keys"), sizes, at, time);
        return time.before(opened, OpenStore.class);
    }

    private void restart(Instant at) throws Exception {
        store.close();
        store = opened(at);
    }

    /** Opens a copy of the files as they are now: what a killed process leaves. */
    private OpenStore afterKill(Instant at) throws IOException {
        var copy =
                Files.createDirectory(
                        temp.resolve("copy"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        for (var name : new String[] {"keys", "sessions.mv"}) {
            Files.copy(folder().resolve(name), copy.resolve(name));
            Files.setPosixFilePermissions(
                    copy.resolve(name), PosixFilePermissions.fromString("rw-------"));
        }
        return opened(copy, SIZES, at);
    }

    @Test
    void whatWasAnswered_survivesAKill() throws Exception {
        now(store.put("1", session("1")));
        now(store.put("2", session("2")));
        now(store.remove("2"));
        now(store.putSignIn("s", signIn("b", START)));
        now(store.putSignIn("taken", signIn("b", START)));
        now(store.takeSignIn("taken", START));
        now(store.firstUse("jti", "1", START, START.plusSeconds(60)));
        now(store.revoke("t", "1", START, START.plusSeconds(60)));
        try (var after = afterKill(START.plusSeconds(1))) {
            assertThat(now(after.use("1", START.plusSeconds(1)))).contains(session("1"));
            assertThat(now(after.use("2", START.plusSeconds(1)))).isEmpty();
            assertThat(now(after.takeSignIn("s", START))).contains(signIn("b", START));
            assertThat(now(after.takeSignIn("taken", START))).isEmpty();
            assertThat(now(after.firstUse("jti", "1", START, START.plusSeconds(60)))).isFalse();
            assertThat(now(after.isRevoked("t", "1", START))).isTrue();
        }
    }

    @Test
    void aChangedSession_isTheChangedOneAfterARestart() throws Exception {
        var before = session("r");
        now(store.put(KEY, before));
        var after = before.refreshed(before.user(), Set.of("dev"), "newer", null);
        now(store.replace(before, after));
        restart(START);
        assertThat(now(store.use(KEY, START))).contains(after);
        assertThat(now(store.byProviderSession(ISSUER, "none"))).isEmpty();
        assertThat(now(store.bySubject(ISSUER, "1"))).containsExactly(after);
    }

    @Test
    void lastUseThatWasNotWrittenBeforeAKill_signsNobodyOut() throws Exception {
        now(store.put(KEY, session("r")));
        var used = START.plus(IDLE.dividedBy(20)).minusMillis(1); // The latest that is not written.
        now(store.use(KEY, used));
        try (var after = afterKill(used.plus(IDLE).minusMillis(1))) {
            assertThat(now(after.use(KEY, used.plus(IDLE).minusMillis(1)))).isPresent();
        }
    }

    @Test
    void laterUse_isWrittenWithoutBeingAskedFor() throws Exception {
        now(store.put(KEY, session("r")));
        var used = START.plus(IDLE).minusSeconds(1);
        now(store.use(KEY, used));
        now(store.put("other", session("other"))); // What is written later comes after it.
        try (var after = afterKill(used.plusSeconds(600))) {
            assertThat(now(after.use(KEY, used.plusSeconds(600)))).isPresent();
        }
    }

    @Test
    void aRestart_isNoUseAndGivesNoLifeBeyondATenth() throws Exception {
        now(store.put(KEY, session("r")));
        restart(START.plus(IDLE).minusSeconds(1));
        assertThat(now(store.find("r", START.plus(IDLE)))).isPresent();
        restart(START.plus(IDLE).plus(IDLE.dividedBy(10)));
        assertThat(store.sessionCount()).isZero();
    }

    @Test
    void noRestart_revivesBeyondTheAbsoluteEnd() throws Exception {
        now(store.put(KEY, session("r")));
        for (var at = START; at.isBefore(START.plus(ABSOLUTE)); at = at.plusSeconds(600)) {
            now(store.touch("r", at));
        }
        restart(START.plus(ABSOLUTE).minusMillis(1));
        assertThat(now(store.find("r", START.plus(ABSOLUTE).minusMillis(1)))).isPresent();
        restart(START.plus(ABSOLUTE));
        assertThat(now(store.find("r", START.plus(ABSOLUTE)))).isEmpty();
    }

    @Test
    void withLowerLimits_whatIsKeptStaysAndNothingNewIsTaken() throws Exception {
        for (int i = 1; i <= 3; i++) {
            now(store.put("k" + i, session("r" + i)));
            now(store.putSignIn("s" + (4 - i), signIn("b" + i, START.plusSeconds(i))));
            now(store.firstUse("jti", "u" + i, START, START.plusSeconds(60)));
            now(store.revoke("t", "v" + i, START, START.plusSeconds(60)));
        }
        store.close();
        var fewer = new StoreSizes(2, 2, SIGN_IN_TIME, 2);
        try (var logs = CapturedLogs.start()) {
            store = opened(folder(), fewer, START);
            assertThat(logs.lines()).hasSize(1).first().asString().contains("more is kept");
        }
        assertThat(store.sessionCount()).isEqualTo(3);
        assertThat(now(store.put("new", session("new")))).isFalse();
        assertThatThrownBy(() -> now(store.firstUse("jti", "new", START, START.plusSeconds(60))))
                .isNotNull();
        assertThat(now(store.takeSignIn("s3", START))).as("the oldest").isEmpty();
        for (int i = 1; i <= 3; i++) {
            assertThat(now(store.use("k" + i, START))).isPresent();
            assertThat(now(store.firstUse("jti", "u" + i, START, START.plusSeconds(60)))).isFalse();
            assertThat(now(store.isRevoked("t", "v" + i, START))).isTrue();
        }
        assertThat(now(store.takeSignIn("s1", START))).isPresent();
        now(store.remove("k1"));
        now(store.remove("k2"));
        assertThat(now(store.put("new", session("new")))).isTrue();
    }

    @Test
    void idsThatAreOver_areNotInTheFileAfterAStart() throws Exception {
        now(store.firstUse("jti", "over", START, START.plusSeconds(60)));
        now(store.firstUse("jti", "stays", START, START.plusSeconds(61)));
        now(store.revoke("t", "over", START, START.plusSeconds(60)));
        restart(START.plusSeconds(60));
        store.close();
        try (var file = MVStore.open(folder().resolve("sessions.mv").toString())) {
            assertThat(file.openMap("used-ids").keySet()).containsExactly("jti\nstays");
            assertThat(file.openMap("revoked").keySet()).isEmpty();
        }
        store = opened(START);
    }

    @Test
    void theFile_tellsNothing() throws Exception {
        now(store.put(KEY, session("r", "subject-canary", "sid-canary")));
        store.close();
        var bytes =
                new String(
                        Files.readAllBytes(folder().resolve("sessions.mv")),
                        StandardCharsets.ISO_8859_1);
        assertThat(bytes).doesNotContain("alice", "canary", "id-token");
        store = opened(START);
    }

    @Test
    void filesAndFolder_areOursAlone() throws IOException {
        assertThat(mode(folder())).isEqualTo("rwx------");
        assertThat(mode(folder().resolve("sessions.mv"))).isEqualTo("rw-------");
        assertThat(mode(keys())).isEqualTo("rw-------");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys", "sessions.mv", ""})
    void whatOthersMayRead_isRefusedByName(String name) throws Exception {
        store.close();
        var path = folder().resolve(name);
        var before = Files.getPosixFilePermissions(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-----"));
        assertThatIOException()
                .isThrownBy(() -> opened(START))
                .withMessageContaining(path.toString())
                .withMessageContaining("found mode 0740 (expected: 0")
                .withMessageNotContaining("\n");
        Files.setPosixFilePermissions(path, before);
        store = opened(START);
    }

    @Test
    void aSecondProcess_isToldInOneLine() {
        assertThatIOException()
                .isThrownBy(() -> opened(START))
                .withMessageContaining("found it in use")
                .withMessageNotContaining("\n");
    }

    @Test
    void aNewKey_signsNobodyOutAndTheOldOneMayGoAfterwards() throws Exception {
        now(store.put(KEY, session("r")));
        Files.writeString(keys(), Files.readString(keys()) + "2026-11 " + key((byte) 7) + "\n");
        restart(START);
        assertThat(now(store.use(KEY, START))).isPresent();
        Files.writeString(keys(), "2026-11 " + key((byte) 7) + "\n");
        restart(START);
        assertThat(now(store.use(KEY, START))).contains(session("r"));
    }

    @Test
    void aMissingKey_stopsTheStartAndLosesNothing() throws Exception {
        now(store.put(KEY, session("r")));
        store.close();
        var before = Files.readString(keys());
        Files.writeString(keys(), "other " + key((byte) 7) + "\n");
        assertThatIOException()
                .isThrownBy(() -> opened(START))
                .withMessageContaining("sealed with key 1,");
        Files.delete(keys());
        assertThatIOException().isThrownBy(() -> opened(START));
        Files.writeString(keys(), before);
        Files.setPosixFilePermissions(keys(), PosixFilePermissions.fromString("rw-------"));
        store = opened(START);
        assertThat(now(store.use(KEY, START))).isPresent();
    }

    @Test
    void aStartThatWasCutShort_isMadeUpForByTheNext() throws Exception {
        store.close();
        Files.delete(keys()); // The file is there and nothing is in it: the power went.
        store = opened(START);
        now(store.put(KEY, session("r")));
        restart(START);
        assertThat(now(store.use(KEY, START))).isPresent();
        try (var files = Files.list(folder())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("keys", "sessions.mv");
        }
    }

    @Test
    void keysAreWritten_asAWholeOrNotAtAll() throws Exception {
        Files.delete(keys());
        var elsewhere = Files.writeString(temp.resolve("elsewhere"), "");
        Files.createSymbolicLink(keys(), elsewhere);
        KeyFile.create(keys());
        assertThat(Files.isSymbolicLink(keys())).isFalse(); // Renamed over it, not written into it.
        assertThat(elsewhere).isEmptyFile();
        assertThat(mode(keys())).isEqualTo("rw-------");
        assertThat(KeyFile.read(keys())).isNotNull();
    }

    @Test
    void aKeyOfTheSameNameThatIsAnother_opensNothing() throws Exception {
        now(store.put(KEY, session("r")));
        store.close();
        Files.writeString(keys(), "1 " + key((byte) 7) + "\n");
        try (var logs = CapturedLogs.start()) {
            store = opened(START);
            assertThat(logs.lines()).anyMatch(line -> line.contains("does not open: taken out"));
        }
        assertThat(now(store.use(KEY, START))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no key at all",
                "1 c2hvcnQ=",
                "1 canarycanarycanarycanarycanarycanarycanary==",
            })
    void aKeyFileThatIsNone_isRefusedWithoutShowingIt(String content) throws Exception {
        store.close();
        var before = Files.readString(keys());
        Files.writeString(keys(), content);
        assertThatIOException()
                .isThrownBy(() -> opened(START))
                .withMessageContaining(keys().toString())
                .withMessageNotContaining("canary");
        Files.writeString(keys(), before);
        store = opened(START);
    }

    @Test
    void aRecordMovedToAnotherKey_isNobodys() throws Exception {
        now(store.put("alice", session("a", "alice", null)));
        now(store.put("mallory", session("m", "mallory", null)));
        tamper(map -> map.put("mallory", map.remove("alice")));
        assertThat(now(store.use("mallory", START))).isEmpty();
        assertThat(store.sessionCount()).isZero();
    }

    @Test
    void aRecordWithOneBitChanged_isNobodys() throws Exception {
        now(store.put("alice", session("a", "alice", null)));
        now(store.put("bob", session("b", "bob", null)));
        tamper(map -> {
            var bytes = map.get("alice").clone();
            bytes[bytes.length - 1] ^= 1;
            map.put("alice", bytes);
        });
        assertThat(now(store.use("alice", START))).isEmpty();
        assertThat(now(store.use("bob", START))).isPresent();
    }

    @Test
    void aFileOfNoise_stopsTheStartInOneLine() throws Exception {
        store.close();
        var file = folder().resolve("sessions.mv");
        Files.write(file, "noise".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
        assertThatIOException()
                .isThrownBy(() -> opened(START))
                .withMessageContaining("damaged?")
                .withMessageNotContaining("\n");
        Files.delete(file);
        store = opened(START);
    }

    private interface Tampering {
        void with(MVMap<String, byte[]> sessions);
    }

    private void tamper(Tampering tampering) throws Exception {
        store.close();
        try (var file = MVStore.open(folder().resolve("sessions.mv").toString())) {
            tampering.with(file.openMap("sessions"));
            file.commit();
        }
        store = opened(START);
    }

    private static String key(byte filler) {
        var bytes = new byte[32];
        Arrays.fill(bytes, filler);
        return Base64.getEncoder().encodeToString(bytes);
    }
}
