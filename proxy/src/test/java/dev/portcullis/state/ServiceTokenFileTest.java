package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.identity.ServiceToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceTokenFileTest {
    private static final int EACH = 40;

    @TempDir Path temp;

    /** What a second process does. */
    static final class Adding {
        private Adding() {}

        public static void main(String[] args) throws IOException {
            add(Path.of(args[0]), args[1]);
        }
    }

    private static void add(Path folder, String name) throws IOException {
        var file = new ServiceTokenFile(folder);
        for (int i = 0; i < EACH; i++) {
            var token = token(name + i);
            file.change(before -> {
                var after = new ArrayList<>(before);
                after.add(token);
                return after;
            });
        }
    }

    private static ServiceToken token(String name) {
        var id = "%016x".formatted(name.hashCode());
        return new ServiceToken(id, name, "a".repeat(64), Instant.EPOCH, null);
    }

    @Test
    void twoProcesses_loseNoneOfEachOthersTokens() throws Exception {
        var processes = new ArrayList<Process>();
        for (var name : List.of("one", "two")) {
            processes.add(
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Adding.class.getName(),
                                    temp.toString(),
                                    name)
                            .inheritIO()
                            .start());
        }
        for (var process : processes) {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
        assertThat(new ServiceTokenFile(temp).read()).hasSize(2 * EACH);
    }

    @Test
    void aFolderOfAnother_isRefusedAndNothingIsMadeThere() throws IOException {
        var folder = folderOfAnother();
        var owner = Files.getOwner(folder);
        assertThatThrownBy(() -> add(folder, "t"))
                .hasMessageStartingWith(
                        folder + ": found a folder of " + owner + ", and we are user ")
                .hasMessageEndingWith(" (expected: to be run as " + owner + ")");
        assertThat(folder.resolve("service-tokens.lock")).doesNotExist();
        assertThat(temp).isEmptyDirectory();
    }

    /** Who is root gives one away; everybody else has root's own. */
    private Path folderOfAnother() throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Path.of("/");
        }
        var users = temp.getFileSystem().getUserPrincipalLookupService();
        return Files.setOwner(temp, users.lookupPrincipalByName("65534"));
    }

    @Test
    void aFolderIsAnothers_whenItsUserIsNotOurs() throws IOException {
        long user = ((Number) Files.getAttribute(temp, "unix:uid")).longValue();
        ServiceTokenFile.expectOurs(temp, user);
        assertThatThrownBy(() -> ServiceTokenFile.expectOurs(temp, user + 1))
                .hasMessageContaining("and we are user " + (user + 1));
    }

    @Test
    void aLinkInPlaceOfTheLock_isNotFollowed() throws IOException {
        var elsewhere = temp.resolve("elsewhere");
        var lock = Files.createSymbolicLink(temp.resolve("service-tokens.lock"), elsewhere);
        assertThatThrownBy(() -> add(temp, "t"))
                .hasMessage("%s: found a link (expected: a file, or nothing)", lock);
        assertThat(elsewhere).doesNotExist();
    }

    @Test
    void aLockFileOfAnother_isSaidInOneLine() throws IOException {
        var lock = Files.writeString(temp.resolve("service-tokens.lock"), "");
        var owner = Files.getOwner(lock);
        assertThat(ServiceTokenFile.notOurs(lock, owner))
                .hasMessage(
                        "%s: found a file of %s that we may not write (expected: one of %s, chown"
                                + " %s)",
                        lock, owner, owner, owner);
    }
}
