package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.runtime.Signals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With real signals, in a process of its own. Where the build itself was started deaf to SIGINT, as
 * shells start background jobs, that process is too: the thread apart makes this fail, not hang.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalsTest {
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void signals_areHeardAsOftenAsTheyCome(String signal) throws Exception {
        var process = start();
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("waiting");
            kill(process, signal);
            assertThat(out.readLine()).isEqualTo("heard 1");
            kill(process, signal);
            assertThat(out.readLine()).isEqualTo("heard 2");
            assertThat(process.waitFor()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private static Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Listening.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void kill(Process process, String signal) throws Exception {
        var kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Hears two signals, then ends. */
    static final class Listening {
        public static void main(String[] arguments) throws InterruptedException {
            var heard = new AtomicInteger();
            var twice = new CountDownLatch(2);
            Signals.onStop(() -> {
                System.out.println("heard " + heard.incrementAndGet());
                twice.countDown();
            });
            System.out.println("waiting");
            twice.await();
        }
    }
}
