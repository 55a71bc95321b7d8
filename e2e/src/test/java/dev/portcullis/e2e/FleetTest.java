package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.Isolated;

/** Two sidecars and a real Redis: what ends at one ends at the other, and Redis may go and come. */
@EnabledIf("dev.portcullis.e2e.RedisServer#present")
@Isolated("It measures.")
class FleetTest {
    private static final int PEOPLE = 50;
    private static final int LEAVING = 25;
    private static final int IDENTITY_ENDED = 4401;
    private static final Duration CUT = Duration.ofSeconds(1);
    private static final Duration NOTICED = Duration.ofSeconds(10);

    @Test
    void signOutAtOne_cutsTheSocketsAtTheOtherAndNoOthers() throws IOException {
        try (var fleet = Fleet.start(60)) {
            var here = new TreeMap<Integer, String>();
            var sockets = new TreeMap<Integer, DoorClient>();
            for (int i = 0; i < PEOPLE; i++) {
                here.put(i, fleet.jars.signIn(fleet.one, i));
                sockets.put(i, open(fleet.two, i, here.get(i)));
            }
            var took = new ArrayList<Long>();
            for (int i = 0; i < LEAVING; i++) {
                took.add(signOut(fleet.one, here.get(i), sockets.get(i)));
                var again = fleet.two.request(BrowserRequests.get("/x", here.get(i)));
                assertThat(again.status()).isEqualTo(401);
            }
            for (int i = LEAVING; i < PEOPLE; i++) {
                echoes(sockets.get(i), "still here " + i);
                assertThat(get(fleet.two, here.get(i))).isEqualTo(200);
            }
            for (var socket : sockets.values()) {
                socket.close();
            }
            took.sort(null);
            System.out.printf(
                    "sign-out at one, %d sockets at the other: closed after p50 %d ms, max %d ms;"
                            + " %d others kept, 0 wrongly closed%n",
                    LEAVING, took.get(LEAVING / 2), took.getLast(), PEOPLE - LEAVING);
            assertThat(took.getLast()).isLessThan(CUT.toMillis());
        }
    }

    /** Milliseconds from the answer to the sign-out until the close frame at the other sidecar. */
    private static long signOut(Sidecar door, String cookie, DoorClient socket) throws IOException {
        assertThat(door.request(BrowserRequests.signOut(cookie)).status()).isEqualTo(303);
        long begin = System.nanoTime();
        var frame = Frames.read(socket.in());
        long took = (System.nanoTime() - begin) / 1_000_000;
        assertThat(frame.opcode()).isEqualTo(Frames.CLOSE);
        assertThat((frame.payload()[0] & 0xFF) << 8 | (frame.payload()[1] & 0xFF))
                .isEqualTo(IDENTITY_ENDED);
        return took;
    }

    @Test
    void redisAway_isNamedAndTheKnownGoOnUntilTheGraceIsOver() throws IOException {
        try (var fleet = Fleet.start(8)) {
            var staying = fleet.jars.signIn(fleet.one, 1);
            var leaving = fleet.jars.signIn(fleet.one, 2);
            try (var socket = open(fleet.one, 1, staying)) {
                fleet.redis.stop();
                Await.until(
                        "the outage noticed",
                        NOTICED,
                        () -> fleet.one.ask("ready").status() == 503);
                assertThat(fleet.one.ask("ready").text()).contains("Redis does not answer");
                assertThat(get(fleet.one, staying)).isEqualTo(200);
                echoes(socket, "still here");
                var page = SignIn.begin(fleet.one);
                assertThat(page.status()).isEqualTo(503);
                assertThat(page.field("content-type").orElse("")).startsWith("text/html");
                assertThat(fleet.one.request(BrowserRequests.signOut(leaving)).status())
                        .isEqualTo(303);
                assertThat(get(fleet.one, leaving)).isEqualTo(401);
                // The grace ends: a sign-out elsewhere could not reach us any more.
                assertThat(Frames.read(socket.in()).opcode()).isEqualTo(Frames.CLOSE);
                assertThat(get(fleet.one, staying)).isEqualTo(503);
            }
            fleet.redis.startAgain();
            long begun = System.nanoTime();
            Await.until("ready", NOTICED, () -> fleet.one.ask("ready").status() == 200);
            assertThat(get(fleet.one, staying)).isEqualTo(200);
            long recovered = System.nanoTime() - begun;
            Await.until(
                    "the sign-out told to the fleet",
                    NOTICED,
                    () -> get(fleet.two, leaving) == 401);
            fleet.jars.signIn(fleet.two, 3);
            FaultLine.print(
                    "Redis away, grace of 8 s",
                    "200 in the grace, then 503; who signed out is out",
                    0,
                    recovered);
        }
    }

    private static int get(Sidecar door, String cookie) throws IOException {
        return door.request(BrowserRequests.get("/x", cookie)).status();
    }

    private static DoorClient open(Sidecar door, int number, String cookie) throws IOException {
        var client = door.connect();
        client.openSocket("/jar-" + number, cookie);
        assertThat(Frames.read(client.in()).text()).isEqualTo("hello");
        return client;
    }

    private static void echoes(DoorClient client, String text) throws IOException {
        Frames.writeMasked(client.out(), Frames.TEXT, text.getBytes(StandardCharsets.UTF_8));
        assertThat(Frames.read(client.in()).text()).isEqualTo(text);
    }

    /** Two sidecars of one origin, on one Redis, with one key file. */
    private record Fleet(
            CookieJars jars, RecordingGateway recorder, RedisServer redis, Sidecar one, Sidecar two)
            implements AutoCloseable {

        static Fleet start(int graceSeconds) throws IOException {
            var certificates = TestCertificates.ofThisRun();
            var jars = CookieJars.start(certificates, PEOPLE);
            var recorder = RecordingGateway.start();
            var redis = RedisServer.start();
            var state =
                    "keys: %s, redis: 'redis://127.0.0.1:%d', redis-password: %s"
                            .formatted(keys(), redis.port(), RedisServer.PASSWORD);
            var limits = "{ store-grace: " + graceSeconds + "s }";
            var sidecars = new ArrayList<Sidecar>();
            for (int i = 0; i < 2; i++) {
                var settings = jars.settings(recorder.port()).state(state);
                sidecars.add(Sidecar.start(certificates, settings.section("limits", limits)));
            }
            return new Fleet(jars, recorder, redis, sidecars.get(0), sidecars.get(1));
        }

        private static String keys() throws IOException {
            var file = Files.createTempFile(Project.output("keys"), "state", ".keys");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            var key = new byte[32];
            new SecureRandom().nextBytes(key);
            Files.writeString(file, "1 " + Base64.getEncoder().encodeToString(key) + "\n");
            return file.toString();
        }

        @Override
        public void close() throws IOException {
            one.close();
            two.close();
            redis.close();
            recorder.close();
            jars.close();
        }
    }
}
