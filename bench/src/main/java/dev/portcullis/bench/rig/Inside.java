package dev.portcullis.bench.rig;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/**
 * What Portcullis holds, by its own metrics and the kernel's count.
 *
 * @param direct bytes that Netty's allocator holds
 * @param heap bytes alive after a collection
 * @param descriptors open
 */
public record Inside(long direct, long heap, int descriptors) {

    /** Collects first, so that what is counted is alive. */
    public static Inside of(Sidecar.Running sidecar) throws IOException, InterruptedException {
        var process = sidecar.subject().process();
        jcmd(process.pid(), "GC.run");
        var metrics = metrics(sidecar.admin());
        return new Inside(
                sum(metrics, "portcullis_netty_direct_bytes"),
                sum(metrics, "jvm_memory_used_bytes{area=\"heap\""),
                sidecar.subject().gauge().descriptors());
    }

    /** What the JVM of a process says to a command. */
    static String jcmd(long pid, String command) throws IOException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        var asked =
                new ProcessBuilder(jcmd, Long.toString(pid), command)
                        .redirectErrorStream(true)
                        .start();
        try (var said = asked.inputReader()) {
            return said.readAllAsString();
        }
    }

    private static String metrics(int port) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"));
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private static long sum(String metrics, String prefix) {
        return (long)
                metrics.lines()
                        .filter(line -> line.startsWith(prefix))
                        .mapToDouble(
                                line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                        .sum();
    }

    /** Whether nothing of it is more than a tenth above the other. */
    public boolean isNear(Inside calm) {
        return near(direct, calm.direct)
                && near(heap, calm.heap)
                && near(descriptors, calm.descriptors);
    }

    private static boolean near(long now, long calm) {
        return now <= calm + calm / 10;
    }

    @Override
    public String toString() {
        return "direct %.1f MB, live heap %.1f MB, %d descriptors"
                .formatted(direct / 1e6, heap / 1e6, descriptors);
    }
}
