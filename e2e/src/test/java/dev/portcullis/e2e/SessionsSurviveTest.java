package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * Two hundred people with an open socket each, and one real Chromium, through twenty restarts and
 * kills at random instants while others sign in.
 */
@EnabledIf("dev.portcullis.e2e.Browser#present")
class SessionsSurviveTest {
    private static final int JARS = 200;
    private static final int CHROMIUM = JARS;
    private static final int NEWCOMERS = 400;
    private static final int ROUNDS = 20;
    private static final int AT_ONCE = 4;
    private static final int INSTANT_MILLIS_MAX = 400;

    private final AtomicInteger nextNewcomer = new AtomicInteger(JARS + 1);
    private final Map<Integer, String> answered = new ConcurrentHashMap<>();

    @Test
    void restartsAndKills_signNobodyOutAndMixNobodyUp() throws Exception {
        var certificates = TestCertificates.ofThisRun();
        try (var jars = CookieJars.start(certificates, JARS + 1 + NEWCOMERS);
                var recorder = RecordingGateway.start();
                var door =
                        Sidecar.start(
                                certificates,
                                jars.settings(recorder.port())
                                        .section(
                                                "limits",
                                                "{ drain-jitter: 0s, drain-grace: 0s,"
                                                        + " sockets-per-user: 10 }"));
                var chromium = Browser.start(certificates, door.port())) {
            var cookies = signInAll(jars, door);
            var tab = signInChromium(chromium);
            var instants = new Random(20261126);
            int kills = 0;
            long recovered = 0;
            for (int round = 1; round <= ROUNDS; round++) {
                var sockets = openAll(door, recorder, cookies);
                boolean kill = instants.nextBoolean();
                kills += kill ? 1 : 0;
                interrupt(jars, door, kill, instants.nextInt(INSTANT_MILLIS_MAX));
                for (var socket : sockets) {
                    assertThat(isOver(socket)).isTrue();
                    socket.close();
                }
                door.startAgain();
                recovered = Math.max(recovered, firstAnswer(door, cookies.get(0)));
                stillInChromium(tab, recorder);
            }
            closeAll(openAll(door, recorder, cookies));
            closeAll(openAll(door, recorder, answered));
            FaultLine.print(
                    ROUNDS + " restarts, " + kills + " of them kill -9",
                    "%d sessions and %d new ones stay, none mixed up"
                            .formatted(cookies.size() + 1, answered.size()),
                    0,
                    recovered);
            assertThat(answered).isNotEmpty();
        }
    }

    private static Map<Integer, String> signInAll(CookieJars jars, Sidecar door) throws Exception {
        var cookies = new ConcurrentHashMap<Integer, String>();
        each(
                IntStream.range(0, JARS).boxed().toList(),
                number -> cookies.put(number, jars.signIn(door, number)));
        return cookies;
    }

    private static Page signInChromium(Browser chromium) {
        var tab = chromium.tab();
        tab.navigate("https://" + TestCertificates.DOOR + "/chromium");
        tab.locator("button[value=subject-" + CHROMIUM + "]").click();
        tab.waitForURL("https://" + TestCertificates.DOOR + "/chromium");
        return tab;
    }

    /** How long somebody who was signed in before waits for it once the door is ready. */
    private static long firstAnswer(Sidecar door, String cookie) throws IOException {
        long begun = System.nanoTime();
        assertThat(door.request(BrowserRequests.get("/first", cookie)).status()).isEqualTo(200);
        return System.nanoTime() - begun;
    }

    /** The page loads anew, without a sign-in, and as the same person. */
    private static void stillInChromium(Page tab, RecordingGateway recorder) {
        recorder.forget();
        var response = tab.reload();
        assertThat(response.status()).isEqualTo(200);
        assertThat(tab.url()).isEqualTo("https://" + TestCertificates.DOOR + "/chromium");
        assertThat(recorder.requests())
                .filteredOn(request -> request.line().contains("/chromium"))
                .isNotEmpty()
                .allSatisfy(request ->
                        assertThat(request.fields().get(SidecarSettings.USER_HEADER))
                                .containsExactly(CookieJars.user(CHROMIUM)));
    }

    /** Ends the sidecar in the middle of other people's sign-ins. */
    private void interrupt(CookieJars jars, Sidecar door, boolean kill, int afterMillis)
            throws Exception {
        var going = new AtomicBoolean(true);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < AT_ONCE; i++) {
                threads.submit(() -> signInUntilItEnds(jars, door, going));
            }
            Thread.sleep(afterMillis); // The instant itself is what is random.
            if (kill) {
                door.kill();
            } else {
                door.process().terminate();
            }
            door.process().exitCode(30);
            going.set(false);
        }
    }

    private void signInUntilItEnds(CookieJars jars, Sidecar door, AtomicBoolean going) {
        while (going.get()) {
            int number = nextNewcomer.getAndIncrement();
            if (number > JARS + NEWCOMERS) {
                return;
            }
            try {
                var answer = door.request(jars.callback(door, number));
                CookieJars.cookie(answer).ifPresent(cookie -> answered.put(number, cookie));
            } catch (IOException | AssertionError | RuntimeException cutOff) {
                // No answer: nothing was promised.
            }
        }
    }

    /** A socket for each, through which each hears himself, and the Gateway sees who it is. */
    private static List<DoorClient> openAll(
            Sidecar door, RecordingGateway recorder, Map<Integer, String> cookies)
            throws Exception {
        recorder.forget();
        var open = new ConcurrentHashMap<Integer, DoorClient>();
        each(
                List.copyOf(cookies.keySet()),
                number -> {
                    var client = door.connect();
                    client.openSocket("/jar-" + number, cookies.get(number));
                    assertThat(Frames.read(client.in()).text()).isEqualTo("hello");
                    open.put(number, client);
                });
        assertThat(open.keySet()).isEqualTo(cookies.keySet());
        var seen = new HashMap<Integer, List<String>>();
        for (var request : recorder.requests()) {
            var path = request.line().split(" ", -1)[1];
            if (!path.startsWith("/jar-")) {
                continue; // Chromium's own wishes, such as an icon.
            }
            seen.put(
                    Integer.parseInt(path.substring("/jar-".length())),
                    request.fields().get(SidecarSettings.USER_HEADER));
        }
        assertThat(seen.keySet()).isEqualTo(cookies.keySet());
        seen.forEach((number, users) -> assertThat(users).containsExactly(CookieJars.user(number)));
        return new ArrayList<>(open.values());
    }

    private static boolean isOver(DoorClient socket) {
        try {
            while (!socket.ended()) {
                // A close frame, byte by byte.
            }
            return true;
        } catch (IOException reset) {
            return true;
        }
    }

    private static void closeAll(List<DoorClient> clients) throws IOException {
        for (var client : clients) {
            client.close();
        }
    }

    private interface Work {
        void on(Integer number) throws Exception;
    }

    private static void each(List<Integer> numbers, Work work) throws Exception {
        try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
            var done = new ArrayList<Future<?>>();
            for (var number : numbers) {
                done.add(
                        threads.submit(() -> {
                            work.on(number);
                            return null;
                        }));
            }
            for (var one : done) {
                one.get();
            }
        }
    }
}
