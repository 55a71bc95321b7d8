package dev.portcullis.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayLocksTest {
    @TempDir private Path temporary;

    @Test
    void name_isTheHashOfTheDatabasesPath() {
        assertThat(GatewayLocks.of(Path.of("/srv/claw/state/openclaw.sqlite")).hash())
                .isEqualTo("fc3fb71e");
    }

    @Test
    void anotherGatewaysLocks_stay() throws Exception {
        var folder = Files.createDirectory(temporary.resolve("locks"));
        var own = Files.createFile(folder.resolve("gateway-lifecycle.0000abcd.lock.sqlite"));
        var other = Files.createFile(folder.resolve("gateway-lifecycle.1111abcd.lock.sqlite"));

        new GatewayLocks(folder, "0000abcd").delete();

        assertThat(own).doesNotExist();
        assertThat(other).exists();
    }

    @Test
    void lastLock_takesTheFolderAlong() throws Exception {
        var folder = Files.createDirectory(temporary.resolve("locks"));
        Files.createFile(folder.resolve("state-handles.0000abcd.lock.sqlite"));

        new GatewayLocks(folder, "0000abcd").delete();
        new GatewayLocks(folder, "0000abcd").delete();

        assertThat(folder).doesNotExist();
    }
}
