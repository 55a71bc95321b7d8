package dev.portcullis.bench.endings;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Rolls a certificate between two and changes one limit, over and over, while requests and sockets
 * go on: none may be lost, and each change must show.
 */
public final class Reloading {
    private static final int TIMES = 100;
    private static final int MEMBERS = 20;
    private static final int CALLERS = 4;
    private static final int PAUSE_MILLIS = 25; // Of each caller: 160 requests a second at most.

    private final Stage stage;
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicReference<@Nullable String> firstFailure = new AtomicReference<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private int refused;

    private Reloading(Stage stage) {
        this.stage = stage;
    }

    /** {@code HOME [TIMES]}. */
    public static void main(String[] arguments) throws Exception {
        int times = arguments.length > 1 ? Integer.parseInt(arguments[1]) : TIMES;
        boolean right;
        try (var stage = new Stage(Path.of(arguments[0]), people -> configuration(people, 0))) {
            right = new Reloading(stage).run(times);
        }
        System.out.println(right ? "right" : "WRONG");
        System.exit(right ? 0 : 1);
    }

    private static String configuration(People people, int round) {
        return SidecarFiles.signIn(people, "12h", "12h")
                + "allow-users: [alice@example.com]\n"
                + "limits: { sockets-per-user: 1000, gateway-connections: "
                + (2000 + round)
                + " }\n";
    }

    private boolean run(int times) throws Exception {
        var members = new ArrayList<Member>();
        var ways = new Ways(stage);
        for (int i = 0; i < MEMBERS; i++) {
            var member = ways.person("alice@example.com");
            member.open(stage, i);
            members.add(member);
        }
        var callers = new ArrayList<Thread>();
        for (int i = 0; i < CALLERS; i++) {
            var cookie = members.get(i).cookie();
            callers.add(Thread.ofPlatform().start(() -> call(cookie)));
        }
        long begun = System.nanoTime();
        for (int i = 1; i <= times; i++) {
            stage.files.certificate(i % 2);
            reload();
            if (!stage.shows(i % 2)) {
                wrong("the new certificate is not shown");
            }
            stage.files.configure(configuration(stage.people, i));
            reload();
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        over.set(true);
        for (var caller : callers) {
            caller.join();
        }
        return report(members, times, seconds);
    }

    private void call(String cookie) {
        while (!over.get()) {
            try {
                int status = stage.browsers.get("/api/anything", cookie);
                if (status == 200) {
                    answered.incrementAndGet();
                } else {
                    wrong("status " + status);
                }
                Thread.sleep(PAUSE_MILLIS);
            } catch (IOException lost) {
                wrong(lost.toString());
            } catch (InterruptedException stop) {
                return;
            }
        }
    }

    private void wrong(String why) {
        failed.incrementAndGet();
        firstFailure.compareAndSet(null, why);
    }

    /** The command waits; the file's own watch may have been faster, and then does nothing more. */
    private void reload() throws IOException {
        var answer = stage.command("{\"verb\":\"reload\"}");
        refused += answer.getLast().contains("done") ? 0 : 1;
    }

    private boolean report(List<Member> members, int times, double seconds) throws Exception {
        int lost = 0;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        for (var member : members) {
            lost += member.lost(deadline);
        }
        System.out.printf(
                "%d certificates rolled and %d limits changed in %.1f s: %d requests answered"
                        + " (%.0f/s), %d failed; %d of %d sockets lost; %d reloads refused%n",
                times,
                times,
                seconds,
                answered.get(),
                answered.get() / seconds,
                failed.get(),
                lost,
                MEMBERS * Member.SOCKETS,
                refused);
        if (firstFailure.get() != null) {
            System.out.println("first failure: " + firstFailure.get());
        }
        boolean busy = answered.get() / seconds >= 100;
        if (!busy) {
            System.out.println("fewer than 100 requests a second: this shows nothing");
        }
        return busy && failed.get() == 0 && lost == 0 && refused == 0;
    }
}
