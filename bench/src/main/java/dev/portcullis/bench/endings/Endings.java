package dev.portcullis.bench.endings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Five thousand sockets of five hundred sessions. For each way to end an identity fifty of them
 * end: all their sockets must close with 4401 within a second, and all others must answer a ping
 * afterwards.
 */
public final class Endings {
    static final int SESSIONS = 500;

    /** Characters of a user's name that one group of fifty shares. */
    static final int GROUP_CHARACTERS = 3;

    static final String LIMITS =
            "limits: { gateway-connections: 8000, sockets-per-user: 64, connections: 9000 }\n";

    private static final int GROUP = 50;
    private static final int CODE = 4401;
    private static final long PATIENCE_SECONDS = 10;
    private static final double P99_MILLIS = 1000;

    private final Stage stage;
    private final Ways ways;
    private final List<Member> members = new ArrayList<>();
    private boolean right = true;

    private Endings(Stage stage, Ways ways) {
        this.stage = stage;
        this.ways = ways;
    }

    /** {@code HOME [WAY…]}. */
    public static void main(String[] arguments) throws Exception {
        var only = List.of(arguments).subList(1, arguments.length);
        boolean right;
        try (var stage = new Stage(Path.of(arguments[0]), Ways::configuration)) {
            var endings = new Endings(stage, new Ways(stage));
            try {
                endings.run(only);
            } catch (Exception failure) {
                System.out.println(stage.lastWords());
                throw failure;
            }
            right = endings.right;
        }
        System.out.println(right ? "right" : "WRONG");
        System.exit(right ? 0 : 1);
    }

    /** {@code g07-3@example.com}: the group first, so that a group is told by its beginning. */
    static String user(int number) {
        return "g%02d-%d@example.com".formatted(number / GROUP, number % GROUP);
    }

    private void run(List<String> only) throws Exception {
        for (int i = 0; i < SESSIONS; i++) {
            members.add(ways.person(user(i)));
        }
        for (int i = 0; i < SESSIONS; i++) {
            members.get(i).open(stage, i);
        }
        System.out.printf(
                "%d sockets of %d sessions are open%n", SESSIONS * Member.SOCKETS, SESSIONS);
        System.out.printf(
                "%-22s %8s %8s %8s %8s %7s %6s%n",
                "way", "p50 ms", "p99 ms", "max ms", "code", "kept", "lost");
        int group = 0;
        for (var way : ways.all()) {
            if (only.isEmpty() || only.contains(way.name())) {
                measure(way, group++);
            }
        }
    }

    private void measure(Ways.Way way, int group) throws Exception {
        int first = group * GROUP;
        for (int i = first; i < first + GROUP; i++) { // As this way needs them.
            members.get(i).sockets().forEach(OpenSocket::close);
            members.set(i, way.beginning().begin(user(i)));
        }
        for (int i = first; i < first + GROUP; i++) {
            members.get(i).open(stage, i);
        }
        ways.usual();
        var ending = List.copyOf(members.subList(first, first + GROUP));
        way.ending().end(ending);
        report(way.name(), ending);
        members.subList(first, first + GROUP).clear(); // Those are gone; the others stay.
        for (int i = first; i < first + GROUP; i++) {
            members.add(i, new Member(user(i), "", ""));
        }
    }

    private void report(String name, List<Member> ending) throws Exception {
        var millis = new ArrayList<Double>();
        int kept = 0;
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        int wrongCodes = 0;
        for (var member : ending) {
            for (var socket : member.sockets()) {
                try {
                    socket.ended().get(patience - System.nanoTime(), TimeUnit.NANOSECONDS);
                    millis.add((socket.endNanos() - member.clockNanos()) / 1e6);
                    wrongCodes += socket.code() == CODE ? 0 : 1;
                } catch (TimeoutException stillOpen) {
                    kept++;
                }
            }
        }
        int lost = 0;
        patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (var member : members) {
            lost += ending.contains(member) ? 0 : member.lost(patience);
        }
        print(name, millis.stream().mapToDouble(Double::doubleValue).toArray(), kept, lost);
        if (wrongCodes > 0) {
            System.out.println("  WRONG: " + wrongCodes + " ended without the code " + CODE);
            right = false;
        }
    }

    private void print(String name, double[] millis, int kept, int lost) {
        Arrays.sort(millis);
        double p99 = millis.length == 0 ? Double.NaN : millis[(int) (millis.length * 0.99)];
        System.out.printf(
                "%-22s %8.0f %8.0f %8.0f %8d %7d %6d%n",
                name,
                millis.length == 0 ? Double.NaN : millis[millis.length / 2],
                p99,
                millis.length == 0 ? Double.NaN : millis[millis.length - 1],
                CODE,
                kept,
                lost);
        // Before its time is as wrong as after it, but for a clock that has whole milliseconds.
        boolean early = millis.length > 0 && millis[0] < -50;
        if (kept > 0 || lost > 0 || !(p99 < P99_MILLIS) || early) {
            System.out.println("  WRONG" + (early ? ": ended " + -millis[0] + " ms early" : ""));
            right = false;
        }
    }
}
