package dev.portcullis.certs;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** {@code ./portcullis certs-dev DIRECTORY [NAME…]}: makes the folder and says what is in it. */
public final class CertsDev {
    private static final int USAGE = 2;
    private static final int REFUSED = 1;

    private CertsDev() {}

    /** Exits 0 when made or still good, 1 if the folder cannot be written, 2 on wrong usage. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), Clock.systemUTC(), System.out, System.err));
    }

    static int run(List<String> arguments, Clock clock, PrintStream out, PrintStream err) {
        if (arguments.isEmpty() || arguments.getFirst().startsWith("-")) {
            err.println("usage: ./portcullis certs-dev DIRECTORY [HOST-NAME-OR-ADDRESS…]");
            return USAGE;
        }
        try {
            var names = arguments.subList(1, arguments.size());
            describe(
                    DevelopmentCertificates.create(Path.of(arguments.getFirst()), names, clock),
                    out);
            return 0;
        } catch (IOException e) {
            err.println("certs-dev: " + e + " (expected: a folder that can be written)");
            return REFUSED;
        }
    }

    private static void describe(DevelopmentCertificates made, PrintStream out) throws IOException {
        out.println("For development only; production refuses these certificates.");
        out.println("  authority       " + made.authority());
        out.println("  server          " + made.server() + ", " + made.serverKey());
        out.println("  client          " + made.client() + ", " + made.clientKey());
        out.println("  revoked client  " + made.revokedClient() + ", " + made.revokedClientKey());
        out.println("  revocations     " + made.revocations());
        out.println("  server key      " + made.serverKeyHash() + " (SHA-256 of its SPKI)");
    }
}
