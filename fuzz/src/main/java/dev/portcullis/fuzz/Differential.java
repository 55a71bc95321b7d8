package dev.portcullis.fuzz;

import dev.portcullis.edge.WholeRequests;
import dev.portcullis.upstream.Forwarded;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Whether others read what we forward as we do: {@code Differential [--requests N] [--seed S]}.
 * Nearly right requests go through our reader; what of them we forward is replayed to Node, nginx
 * and HAProxy, and each must see the same method, target, fields, body and number of requests.
 */
public final class Differential {
    private static final int BATCH = 256;

    private final Mutator mutator;
    private final long requests;

    /**
     * @param requests how many mutated requests to make
     * @param seed of the mutations
     */
    public Differential(long requests, long seed) {
        this.requests = requests;
        this.mutator = new Mutator(seed);
    }

    /**
     * What came out.
     *
     * @param mutated connections' worth of bytes made
     * @param forwarded requests that passed our reader, and were replayed
     * @param disagreement the first one, for a person; null for none
     */
    public record Outcome(long mutated, long forwarded, @Nullable String disagreement) {}

    /** A forwarded request and our reading of it. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Expected(byte[] bytes, String reading) {}

    /** Runs to the end, or to the first disagreement. */
    public Outcome run(Path folder) throws IOException, InterruptedException {
        long mutated = 0;
        long forwarded = 0;
        try (var node = Judge.node(Files.createDirectories(folder.resolve("node")));
                var nginx = Judge.nginx(Files.createDirectories(folder.resolve("nginx")), node);
                var haproxy =
                        Judge.haproxy(Files.createDirectories(folder.resolve("haproxy")), node);
                var threads = Executors.newFixedThreadPool(3)) {
            var judges = List.of(node, nginx, haproxy);
            while (mutated < requests) {
                var batch = new ArrayList<Expected>();
                while (batch.size() < BATCH && mutated < requests) {
                    mutated++;
                    add(batch, mutator.next());
                }
                forwarded += batch.size();
                var opinions =
                        judges.stream()
                                .map(judge ->
                                        CompletableFuture.supplyAsync(
                                                () -> disagreement(judge, batch), threads))
                                .toList();
                for (var opinion : opinions) {
                    var disagreement = opinion.join();
                    if (!disagreement.isEmpty()) {
                        return new Outcome(mutated, forwarded, disagreement);
                    }
                }
            }
        }
        return new Outcome(mutated, forwarded, null);
    }

    private static void add(List<Expected> batch, byte[] bytes) {
        for (var whole : WholeRequests.read(bytes)) {
            var forwarded = Forwarded.bytes(whole.head(), whole.body());
            if (forwarded != null) {
                batch.add(new Expected(forwarded, Reading.of(forwarded, whole.body())));
            }
        }
    }

    /** What the judge reads otherwise; empty if nothing. */
    private static String disagreement(Judge judge, List<Expected> batch) {
        try {
            var readings = judge.readings(batch.stream().map(Expected::bytes).toList());
            for (int i = 0; i < batch.size(); i++) {
                var expected = batch.get(i);
                var said = i < readings.size() ? readings.get(i) : "nothing";
                if (!said.equals(Reading.digest(expected.reading))) {
                    return explain(judge, expected, said);
                }
            }
            return "";
        } catch (IOException e) {
            throw new CompletionException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }

    /** Asks about that one request again, alone. */
    private static String explain(Judge judge, Expected expected, String said)
            throws IOException, InterruptedException {
        var alone = judge.readings(List.of(expected.bytes));
        return judge.name()
                + " reads otherwise what we forward:\n"
                + new String(expected.bytes, StandardCharsets.ISO_8859_1)
                + "\nwe read:\n"
                + expected.reading
                + "\nit said "
                + said
                + ", and alone "
                + alone
                + "\nthe collector read last:\n"
                + judge.last();
    }

    /** The command. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException, InterruptedException {
        long requests = 1_000_000;
        long seed = System.nanoTime();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--requests" -> requests = Long.parseLong(arguments[i + 1]);
                case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
                default ->
                        throw new IllegalArgumentException(
                                arguments[i] + " (expected: --requests N, --seed S)");
            }
        }
        System.out.printf("%,d mutated requests, seed %d%n", requests, seed);
        long begin = System.nanoTime();
        var folder = Files.createTempDirectory("portcullis-differential");
        var outcome = new Differential(requests, seed).run(folder);
        System.out.printf(
                "%,d mutated, %,d forwarded and replayed to node, nginx and haproxy in %d s: %s%n",
                outcome.mutated(),
                outcome.forwarded(),
                (System.nanoTime() - begin) / 1_000_000_000L,
                outcome.disagreement() == null ? "no disagreement" : outcome.disagreement());
        System.exit(outcome.disagreement() == null ? 0 : 1);
    }
}
