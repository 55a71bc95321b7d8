package dev.portcullis.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a sidecar holds, and nothing that it has let go of: what lives in the heap after a
 * collection, everything else that the process has in memory, and what the kernel keeps of its
 * connections.
 *
 * @param heap bytes alive
 * @param beside bytes of memory outside the heap (Pss, proc(5))
 * @param queued bytes that wait in the kernel, of connections from and to it
 */
public record Memory(long heap, long beside, long queued) {
    private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-f]+)");
    private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-[0-9a-f]+ .*");

    /** Collects first. */
    public static Memory of(Sidecar.Running sidecar) throws IOException, InterruptedException {
        long pid = sidecar.subject().process().pid();
        var inside = Inside.of(sidecar);
        return new Memory(
                inside.heap(), beside(pid), queued(sidecar.subject().address().getPort()));
    }

    /** What the process holds. */
    public long bytes() {
        return heap + beside;
    }

    private static long beside(long pid) throws IOException {
        long[] heap = heapRange(pid);
        boolean counts = true;
        long kib = 0;
        for (var line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps"))) {
            var mapping = MAPPING.matcher(line);
            if (mapping.matches()) {
                long start = Long.parseUnsignedLong(mapping.group(1), 16);
                counts = start < heap[0] || start >= heap[1];
            } else if (counts && line.startsWith("Pss:")) {
                kib += Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return kib * 1024;
    }

    /** First and last address that the collector names. */
    private static long[] heapRange(long pid) throws IOException {
        long from = Long.MAX_VALUE;
        long to = 0;
        for (var line : Inside.jcmd(pid, "GC.heap_info").lines().toList()) {
            if (line.contains("Metaspace")) {
                break;
            }
            var address = ADDRESS.matcher(line);
            while (address.find()) {
                long value = Long.parseUnsignedLong(address.group(1), 16);
                from = Math.min(from, value);
                to = Math.max(to, value);
            }
        }
        return new long[] {from, to};
    }

    /** Both queues of each connection on that port. */
    private static long queued(int port) throws IOException {
        long bytes = 0;
        var ours = ":%04X".formatted(port);
        for (var table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            for (var line : Files.readAllLines(Path.of(table))) {
                var field = line.strip().split("\\s+", -1);
                if (field.length > 4 && field[1].endsWith(ours) && !field[3].equals("0A")) {
                    var queues = field[4].split(":", 2);
                    bytes += Long.parseLong(queues[0], 16) + Long.parseLong(queues[1], 16);
                }
            }
        }
        return bytes;
    }

    @Override
    public String toString() {
        return "heap %.1f MB, beside it %.1f MB, in the kernel %.1f MB"
                .formatted(heap / 1e6, beside / 1e6, queued / 1e6);
    }
}
