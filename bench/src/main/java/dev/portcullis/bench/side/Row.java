package dev.portcullis.bench.side;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Frames;
import dev.portcullis.bench.rig.HandshakeLoad;
import dev.portcullis.bench.rig.HttpLoad;
import dev.portcullis.bench.rig.Load;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.SocketLoad;
import dev.portcullis.bench.rig.SocketLoad.Pace;
import dev.portcullis.bench.rig.Subject;
import dev.portcullis.bench.rig.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One kind of work.
 *
 * @param key for {@code --rows}
 * @param title for the table
 * @param unit what is counted
 * @param goal times the reference, at most
 * @param goalP99 the 99th percentile's times the reference, at most; 0 if none is set
 * @param window units in one window
 * @param opener makes the load
 */
record Row(
        String key,
        String title,
        String unit,
        double goal,
        double goalP99,
        int window,
        Opener opener) {

    /** Makes the load of a row for one proxy. */
    interface Opener {
        Load open(Rig rig, Subject to, String credentials) throws IOException, InterruptedException;
    }

    private static final Frames SMALL = Frames.of(64, 128);
    private static final Frames LARGE = Frames.of(16, 16 * 1024);

    /** The rows in which all three do the same. */
    static List<Row> shared(Path certificate) {
        return List.of(
                new Row(
                        "full",
                        "full handshake, GET, close",
                        "connection",
                        0.65,
                        0,
                        1500,
                        (rig, to, who) ->
                                new HandshakeLoad(rig, to, tls(certificate, false), who, false)),
                new Row(
                        "resumed",
                        "resumed handshake, GET, close",
                        "connection",
                        0.65,
                        0,
                        2000,
                        (rig, to, who) ->
                                new HandshakeLoad(rig, to, tls(certificate, true), who, true)),
                new Row(
                        "get",
                        "GET 1 KiB, keep-alive",
                        "request",
                        0.85,
                        0,
                        40_000,
                        (rig, to, who) -> http(rig, to, certificate, Wire.SMALL, who)),
                new Row(
                        "large",
                        "GET 100 KiB, keep-alive",
                        "request",
                        0.65,
                        0,
                        8_000,
                        (rig, to, who) -> http(rig, to, certificate, Wire.LARGE, who)),
                echo(certificate, "echo", "WebSocket echo 128 B", 1.00, 50_000, SMALL, 1),
                echo(certificate, "echo16k", "WebSocket echo 16 KiB", 0.65, 15_000, LARGE, 1),
                echo(certificate, "burst", "echo 128 B, 16 outstanding", 1.05, 400_000, SMALL, 16),
                new Row(
                        "paced",
                        "echo 128 B, 5,000/s, 200 sockets",
                        "echo",
                        1.05,
                        1.3,
                        20_000,
                        (rig, to, who) ->
                                new SocketLoad(
                                        rig,
                                        to,
                                        tls(certificate, false),
                                        who,
                                        SMALL,
                                        200,
                                        new Pace.Fixed(5_000))));
    }

    /** The row in which HAProxy verifies what Portcullis has verified before. */
    static Row bearer(Path certificate, String algorithm, double goal) {
        return new Row(
                algorithm.toLowerCase(java.util.Locale.ROOT),
                "bearer token seen before, " + algorithm,
                "request",
                goal,
                0,
                20_000,
                (rig, to, who) -> http(rig, to, certificate, Wire.SMALL, who));
    }

    /** What our own key exchange costs. */
    static Row hybrid(Path certificate) {
        return new Row(
                "hybrid",
                "full handshake, X25519MLKEM768",
                "connection",
                0,
                0,
                1500,
                (rig, to, who) ->
                        new HandshakeLoad(
                                rig,
                                to,
                                ClientTls.of(certificate, ClientTls.HYBRID, false),
                                who,
                                false));
    }

    private static Row echo(
            Path certificate,
            String key,
            String title,
            double goal,
            int window,
            Frames frames,
            int outstanding) {
        return new Row(
                key,
                title,
                "echo",
                goal,
                0,
                window,
                (rig, to, who) ->
                        new SocketLoad(
                                rig,
                                to,
                                tls(certificate, false),
                                who,
                                frames,
                                16,
                                new Pace.Closed(outstanding)));
    }

    private static Load http(Rig rig, Subject to, Path certificate, String path, String who)
            throws IOException {
        return new HttpLoad(rig, to, tls(certificate, false), path, who, 16);
    }

    private static ClientTls tls(Path certificate, boolean resumes) throws IOException {
        return ClientTls.of(certificate, ClientTls.X25519, resumes);
    }
}
